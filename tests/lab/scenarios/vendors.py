"""Public APIs by name (the lab answers for them): what their profiles must recognise."""
from record import scenario
from scenarios.construct import curl

GH = "ghp_LabOnly4Kq7Zx1Wm9Tb2Rc8Vd5Np3Hs6Jf0Qy"


def client(file, rows, code, notes=""):
    @scenario(file, *rows, notes=notes)
    def _(lab):
        with lab.mitm(file) as m:
            m.python("import requests\n" + code)


curl("vendor-github-missing.curl.txt", [("missing-credentials|no-login", 0, [])], "curl -v https://api.github.com/user")
curl("vendor-github-bad.curl.txt", [("unknown-token", 0, [])], "curl -v -H 'Authorization: Bearer ghp_LabOnly4Kq7Zx1Wm9Tb2Rc8Vd5Np3Hs6Jf0Qz' https://api.github.com/user", notes="Bad credentials; nothing visible is wrong")
client("vendor-github-scope.har", [("insufficient-scope", 1, [])], f"h = {{'Authorization': 'token {GH}'}}\nrequests.get('https://api.github.com/user', headers=h); requests.post('https://api.github.com/repos/harbour-lab/quay/issues', headers=h, json={{'title': 'x'}})", "X-OAuth-Scopes against X-Accepted-OAuth-Scopes")
client("vendor-salesforce-host.har", [("wrong-host", 1, [2])], """t = requests.post('https://login.salesforce.com/services/oauth2/token', data={'grant_type': 'client_credentials', 'client_id': '3MVG9lab', 'client_secret': '8842017LAB'}).json()
h = {'Authorization': 'Bearer ' + t['access_token']}
for _ in (1, 2): requests.get('https://login.salesforce.com/services/data/v61.0/query?q=SELECT+Id+FROM+Account', headers=h)""", "calls to the login host instead of instance_url")
client("ok-salesforce.har", [], """t = requests.post('https://login.salesforce.com/services/oauth2/token', data={'grant_type': 'client_credentials', 'client_id': '3MVG9lab', 'client_secret': '8842017LAB'}).json()
requests.get(t['instance_url'] + '/services/data/v61.0/query?q=SELECT+Id+FROM+Account', headers={'Authorization': 'Bearer ' + t['access_token']})""", "token from one host, used at the instance_url of the answer")
curl("vendor-stripe-blank.curl.txt", [("blank-token", 0, [])], 'curl -v -H "Authorization: Bearer $STRIPE_KEY" https://api.stripe.com/v1/balance')
curl("vendor-stripe-publishable.curl.txt", [("wrong-credential-type", 0, [])], "curl -v -H 'Authorization: Bearer pk_test_LabOnly00harbour' https://api.stripe.com/v1/balance", notes="the challenge says Basic, Bearer is right: not wrong-scheme")
curl("ok-stripe-basic.curl.txt", [], "curl -v -u sk_test_LabOnly00harbour: https://api.stripe.com/v1/balance", notes="key as user with an empty password")
curl("vendor-gitlab-header.curl.txt", [("wrong-header-name", 0, [])], "curl -v -H 'X-Api-Key: glpat-LabOnly-7Zq2' https://gitlab.com/api/v4/user")
curl("ok-gitlab.curl.txt", [], "curl -v -H 'PRIVATE-TOKEN: glpat-LabOnly-7Zq2' https://gitlab.com/api/v4/user")
ENTRA = "r = requests.post('https://login.microsoftonline.com/5c4e-lab/oauth2/v2.0/token', data={'grant_type': 'client_credentials', 'client_id': '2f61-lab', 'client_secret': SECRET, 'scope': SCOPE}).json()\n"
GRAPH = "requests.get('https://graph.microsoft.com/v1.0/users', headers={'Authorization': 'Bearer ' + r.get('access_token', '')})"
client("vendor-entra-audience.har", [("jwt-wrong-audience", 1, [])], ENTRA.replace("SECRET", "'Lab~8Q.harbour'").replace("SCOPE", "'api://harbour-lab/.default'") + GRAPH, "a token for another API sent to Graph")
client("vendor-entra-secret.har", [("oauth-client-auth-failed", 0, [1])], ENTRA.replace("SECRET", "'2b7d-secret-id'").replace("SCOPE", "'https://graph.microsoft.com/.default'") + GRAPH, "AADSTS7000215, then an empty token")
client("ok-entra.har", [], ENTRA.replace("SECRET", "'Lab~8Q.harbour'").replace("SCOPE", "'https://graph.microsoft.com/.default'") + GRAPH, "identity provider and API on hosts of two domains")
curl("vendor-kubernetes-forbidden.curl.txt", [("insufficient-permissions", 1, [])], "curl -v -H 'Authorization: Bearer lab-sa-token-4471' https://k8s-harbor.example.test/api/v1/namespaces/quay/pods", "curl -v -H 'Authorization: Bearer lab-sa-token-4471' https://k8s-harbor.example.test/api/v1/namespaces/quay/secrets")
curl("vendor-kubernetes-anonymous.curl.txt", [("missing-credentials|no-login", 0, [])], "curl -v https://k8s-harbor.example.test/api/v1/namespaces/quay/pods", notes="403, but the server saw no credential: not a permission")
curl("vendor-twilio.curl.txt", [("unknown-token", 0, [])], "curl -v -u AC00lab00harbour:tw-4472 https://api.twilio.com/2010-04-01/Accounts/AC00lab00harbour.json")
client("vendor-slack-scope.har", [("insufficient-scope", 1, [])], "h = {'Authorization': 'Bearer xoxb-' + 'lab-4471-harbour'}\nrequests.post('https://slack.com/api/chat.postMessage', headers=h, json={'channel': 'C1', 'text': 'hi'}); requests.post('https://slack.com/api/channels.create', headers=h, json={'name': 'quay'})", "status 200, ok:false, missing_scope")
client("vendor-google-refresh.har", [("refresh-token-expired", 0, [1])], """requests.post('https://oauth2.googleapis.com/token', data={'grant_type': 'refresh_token', 'refresh_token': '1//0lab-harbour-4471', 'client_id': 'lab.apps.googleusercontent.com', 'client_secret': 'GOCSPX-lab'})
requests.get('https://www.googleapis.com/drive/v3/files', headers={'Authorization': 'Bearer ya29.lab-harbour-old-4471'})""", "refused refresh, then the old token is used on")
