## Console

admin-title = Console
admin-home-title = Console home
admin-home-administrator = You administer this service.
admin-home-auditor = You may read the registrations of services and the audit trail.
admin-home-schools = Your schools
admin-to-account = My account
admin-to-console = Back to the console
admin-not-for-you-title = This console is not for you
admin-not-for-you-text = It is for people whom the administration appointed: heads of schools, their deputies, administrators. Your own account is open.
admin-not-allowed-title = You do not have this right
admin-not-allowed-text = This page needs a right that your role does not give. Ask an administrator.
