"""An address for the user's consent is made."""

from requests_oauthlib import OAuth2Session

address, state = OAuth2Session("client", redirect_uri="https://a/b", scope=["x"]).authorization_url("https://c/auth")
assert f"state={state}" in address
assert "client_id=client" in address
