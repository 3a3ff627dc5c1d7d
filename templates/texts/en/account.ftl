## “My account”, tab “My details” (guide, 4.4.1 to 4.4.3).

account-tab-informations = My details
account-tab-children = My children
