//! Fix recipes: what to paste, for the client that the capture shows (rules.md 5.0).

use crate::trace::Ex;

/// A client, by its `User-Agent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// curl, and every client that is not known.
    Curl,
    /// axios in Node or a page.
    Axios,
    /// `fetch` in Node or a page.
    Fetch,
    /// Postman.
    Postman,
    /// Python requests and its kin.
    Requests,
}

/// The client that sent an exchange.
pub fn client(ex: Ex<'_>) -> Client {
    let agent = ex.agent().to_ascii_lowercase();
    if agent.contains("axios") {
        Client::Axios
    } else if agent.contains("postman") {
        Client::Postman
    } else if agent.contains("python") || agent.contains("httpx") || agent.contains("aiohttp") {
        Client::Requests
    } else if agent.contains("undici") || agent.contains("node") || agent.contains("mozilla/") || agent.contains("got")
    {
        Client::Fetch
    } else {
        Client::Curl
    }
}

/// HDR: send the token in the header, with this scheme.
pub fn header(ex: Ex<'_>, scheme: &str) -> String {
    match client(ex) {
        Client::Curl => format!("-H \"Authorization: {scheme} $TOKEN\""),
        Client::Axios => {
            let config = format!("{{headers: {{Authorization: `{scheme} ${{token}}`}}}}");
            match ex.method() {
                "POST" | "PUT" | "PATCH" => format!("axios.{}(url, data, {config})", ex.method().to_ascii_lowercase()),
                m => format!("axios.{}(url, {config})", m.to_ascii_lowercase()),
            }
        }
        Client::Fetch => format!("fetch(url, {{headers: {{Authorization: `{scheme} ${{token}}`}}}})"),
        Client::Postman => format!("Authorization tab, type Bearer Token (sends \"{scheme} ...\")"),
        Client::Requests => format!(
            "requests.{}(url, headers={{\"Authorization\": f\"{scheme} {{token}}\"}})",
            ex.method().to_ascii_lowercase()
        ),
    }
}

/// FORM: send the login as a form.
pub fn form(ex: Ex<'_>, fields: &[&str]) -> String {
    let pairs = |sep: &str, f: &dyn Fn(&str) -> String| fields.iter().map(|n| f(n)).collect::<Vec<_>>().join(sep);
    match client(ex) {
        Client::Curl | Client::Postman => {
            pairs(" ", &|n| format!("--data-urlencode \"{n}=${}\"", n.to_ascii_uppercase()))
        }
        Client::Axios => format!("axios.post(url, new URLSearchParams({{{}}}))", pairs(", ", &|n| n.to_owned())),
        Client::Fetch => {
            format!("fetch(url, {{method: 'POST', body: new URLSearchParams({{{}}})}})", pairs(", ", &|n| n.to_owned()))
        }
        Client::Requests => format!("requests.post(url, data={{{}}})", pairs(", ", &|n| format!("\"{n}\": {n}"))),
    }
}

/// JSON: send the token call as JSON.
pub fn json(ex: Ex<'_>) -> String {
    match client(ex) {
        Client::Curl | Client::Postman => "--json '{\"grant_type\": \"authorization_code\", ...}'".to_owned(),
        Client::Axios => "axios.post(url, {grant_type: 'authorization_code', ...})".to_owned(),
        Client::Fetch => {
            "fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(params)})"
                .to_owned()
        }
        Client::Requests => "requests.post(url, json={...})".to_owned(),
    }
}

/// CHK: stop when the login failed.
pub fn check(ex: Ex<'_>) -> String {
    match client(ex) {
        Client::Curl => "curl --fail-with-body ... | jq -er .access_token".to_owned(),
        Client::Axios => "axios.post(url, data, {validateStatus: s => s === 200})".to_owned(),
        Client::Fetch => "if (!r.ok) throw new Error(`login: ${r.status}`)".to_owned(),
        Client::Postman => "if (pm.response.code === 200) pm.environment.set(...)".to_owned(),
        Client::Requests => "r.raise_for_status()".to_owned(),
    }
}

/// REN: after a 401 renew once, retry once, stop.
pub fn renew(ex: Ex<'_>) -> String {
    match client(ex) {
        Client::Curl => "[ \"$status\" != 401 ] || { TOKEN=$(log_in); call; }   # once, not in a loop".to_owned(),
        Client::Axios => {
            "await call().catch(e => e.response?.status === 401 ? renew().then(call) : Promise.reject(e))".to_owned()
        }
        Client::Fetch => "let r = await call(); if (r.status === 401) { await renew(); r = await call() }".to_owned(),
        Client::Postman => "if (Date.now() > pm.environment.get('expires')) renew()   // pre-request script".to_owned(),
        Client::Requests => "if r.status_code == 401: renew(session); r = call(session)".to_owned(),
    }
}

/// RED: ask the final URL.
pub fn redirect(ex: Ex<'_>) -> String {
    let scheme = scheme(ex);
    match client(ex) {
        Client::Curl => "curl -L --location-trusted ...   # only if both hosts are yours".to_owned(),
        Client::Postman => "Settings: Follow Authorization header".to_owned(),
        Client::Axios => {
            format!("axios.get(FINAL_URL, {{headers: {{Authorization: `{scheme} ${{token}}`}}, maxRedirects: 0}})")
        }
        Client::Fetch => {
            format!("fetch(FINAL_URL, {{headers: {{Authorization: `{scheme} ${{token}}`}}, redirect: 'error'}})")
        }
        Client::Requests => {
            format!(
                "requests.get(FINAL_URL, headers={{\"Authorization\": f\"{scheme} {{token}}\"}}, allow_redirects=False)"
            )
        }
    }
}

/// RED: follow a link to another site without the credential.
pub fn without(ex: Ex<'_>) -> String {
    match client(ex) {
        Client::Curl => "curl -L ...   # without --location-trusted, so that Authorization stays behind".to_owned(),
        Client::Postman => "Settings: Follow Authorization header, off".to_owned(),
        Client::Axios => "axios.get(LINK)   // without headers.Authorization".to_owned(),
        Client::Fetch => "fetch(LINK)   // without headers.Authorization".to_owned(),
        Client::Requests => "requests.get(link)   # without headers=".to_owned(),
    }
}

/// RED: keep method and body over a redirect, for the clients that can.
pub fn keep_method(ex: Ex<'_>) -> String {
    match client(ex) {
        Client::Curl => "curl -L --post301 --post302 ... (only if both hosts are yours)".to_owned(),
        Client::Postman => "Settings: Follow original HTTP Method".to_owned(),
        Client::Requests => "requests.post(url, ..., allow_redirects=False) shows the final URL".to_owned(),
        Client::Axios => "axios.post(url, data, {maxRedirects: 0}) shows the final URL".to_owned(),
        Client::Fetch => "fetch(url, {redirect: 'manual', ...}) shows that it redirects".to_owned(),
    }
}

/// BAS: Basic credentials.
pub fn basic(ex: Ex<'_>) -> String {
    match client(ex) {
        Client::Curl => "-u \"$USER:$PASSWORD\"".to_owned(),
        Client::Axios => "axios.get(url, {auth: {username, password}})".to_owned(),
        Client::Fetch => "headers: {Authorization: 'Basic ' + btoa(`${user}:${password}`)}".to_owned(),
        Client::Postman => "Authorization tab, type Basic Auth".to_owned(),
        Client::Requests => "requests.get(url, auth=(user, password))".to_owned(),
    }
}

/// JAR: keep cookies.
pub fn jar(ex: Ex<'_>) -> String {
    match client(ex) {
        Client::Curl => "curl -c jar -b jar ...".to_owned(),
        Client::Axios => "axios.create({withCredentials: true})".to_owned(),
        Client::Fetch => "fetch(url, {credentials: 'include'})".to_owned(),
        Client::Postman => "Cookies: allow the domain".to_owned(),
        Client::Requests => "s = requests.Session(); s.post(login); s.get(url)".to_owned(),
    }
}

/// SIG: sign with a tool that knows how.
pub fn sign(ex: Ex<'_>, region: &str, service: &str) -> String {
    match client(ex) {
        Client::Curl => format!("--aws-sigv4 aws:amz:{region}:{service} --user \"$KEY:$SECRET\""),
        Client::Postman => "Authorization tab, type AWS Signature".to_owned(),
        Client::Requests => "AWS4Auth(key, secret, region, service) of requests-aws4auth, or boto3".to_owned(),
        _ => "let the SDK's signer do it".to_owned(),
    }
}

/// The scheme to recommend for an exchange: what its server is known to take, else Bearer.
pub fn scheme(ex: Ex<'_>) -> String {
    if let Some(first) = ex.profile().auth.schemes.first() {
        return first.clone();
    }
    // Schemes that are no word before a token are no recipe for a header line.
    const COMPUTED: [&str; 7] = ["basic", "digest", "negotiate", "ntlm", "aws4-hmac-sha256", "dpop", "hoba"];
    ex.challenges()
        .first()
        .map(|c| c.scheme.clone())
        .filter(|s| !s.is_empty() && !COMPUTED.iter().any(|c| s.eq_ignore_ascii_case(c)))
        .unwrap_or_else(|| "Bearer".to_owned())
}

/// What the server asks for, as a sentence and a line to paste: a scheme of its challenge that the profile takes, else the
/// profile's first.
pub fn credential(ex: Ex<'_>) -> (&'static str, String) {
    let challenges = ex.challenges();
    let known = &ex.profile().auth.schemes;
    let taken = |scheme: &str| known.is_empty() || known.iter().any(|k| k.eq_ignore_ascii_case(scheme));
    let asks = |scheme: &str| taken(scheme) && challenges.iter().any(|c| c.is(scheme));
    let curl = |line: &str, other: &str| if client(ex) == Client::Curl { line.to_owned() } else { other.to_owned() };
    if asks("bearer") {
        return ("send the credential that the server asks for", header(ex, "Bearer"));
    }
    if asks("basic") {
        return ("send user and password as Basic credentials", basic(ex));
    }
    if asks("digest") {
        return (
            "let the client answer the Digest challenge",
            curl("curl --digest -u \"$USER:$PASSWORD\" ...", "turn Digest authentication on in the client"),
        );
    }
    if asks("negotiate") {
        return (
            "get a Kerberos ticket, and let the client negotiate",
            curl("kinit $USER && curl --negotiate -u : ...", "turn Negotiate (SPNEGO) on in the client"),
        );
    }
    if asks("ntlm") {
        return (
            "let the client log in by NTLM",
            curl("curl --ntlm -u \"$DOMAIN\\\\$USER:$PASSWORD\" ...", "turn NTLM on in the client"),
        );
    }
    ("send the credential that the server asks for", header(ex, &scheme(ex)))
}
