## To reach one's school

schools-title = I contact my school
schools-lead = The school finds your identifier and gives you a new provisional password.
schools-town = Town or UAI code
schools-town-hint = The beginning of the town's name is enough. The UAI code has seven digits and a letter, such as 0750002V
schools-name = Name of the school (optional)
schools-search = Search
schools-found = { $count ->
    [0] Nothing found
    [one] 1 school
   *[other] { $count } schools
}
schools-none = Check how the town is written, or try with its first letters alone.
schools-more = The list is too long to be shown whole. Add the name of the school.
schools-no-contact = This school has given us no contact. Please ask at its office.
schools-what-title = What to ask for
schools-what-text = Ask for your identifier and a new provisional password, or for your email address to be confirmed. Nobody will ask you for your password.
