package dataplane_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

func redirect(config types.RedirectActionConfig) types.Action {
	return types.Action{Type: types.ActionTypeEnumRedirect, RedirectConfig: &config}
}

// token has claims that are signed by nobody.
func token(claims string) string {
	return "Bearer e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

var _ = Describe("Actions", func() {
	var w *world
	serveWith := func(actions ...types.Action) {
		GinkgoHelper()
		w = begin()
		w.change(func(c *control) {
			c.balancers = []elbv2.LoadBalancer{application(listener(types.ProtocolEnumHttp, 8080, actions...))}
		})
	}

	DescribeTable("redirect", func(config types.RedirectActionConfig, location string, status int) {
		serveWith(redirect(config))
		answer := ask(w.client(), "GET", "http://a.example:8080/x/y%20z?q=1&r")
		Expect(answer.StatusCode).To(Equal(status))
		Expect(answer.Header.Get("Location")).To(Equal(location))
		Expect(answer.Header.Get("Server")).To(Equal("awselb/2.0"))
	},
		Entry("to HTTPS", types.RedirectActionConfig{Protocol: aws.String("HTTPS"), Port: aws.String("443"), StatusCode: "HTTP_301"},
			"https://a.example:443/x/y%20z?q=1&r", 301),
		Entry("to what is filled in", types.RedirectActionConfig{
			Host: aws.String("new.#{host}"), Path: aws.String("/#{port}/#{path}"), Query: aws.String("was=#{protocol}&#{query}"), StatusCode: "HTTP_302",
		}, "http://new.a.example:8080/8080/x/y%20z?was=http&q=1&r", 302),
		Entry("without the query", types.RedirectActionConfig{Path: aws.String("/"), Query: aws.String(""), StatusCode: "HTTP_301"},
			"http://a.example:8080/", 301),
	)

	It("answer by themselves", func() {
		serveWith(types.Action{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{
			StatusCode: aws.String("503"), ContentType: aws.String("text/html"), MessageBody: aws.String("<b>Back soon</b>"),
		}})
		answer := ask(w.client(), "POST", "http://a.example:8080/")
		Expect(answer.StatusCode).To(Equal(503))
		Expect(answer.body).To(Equal("<b>Back soon</b>"))
		Expect(answer.Header.Get("Content-Type")).To(Equal("text/html"))
		Expect(ask(w.client(), "HEAD", "http://a.example:8080/").ContentLength).To(Equal(int64(16)))
		Expect(w.Statistics()[0].OwnCodes).To(Equal(map[string]int64{"5xx": 2}))
		Expect(w.Statistics()[0].Failures).To(BeZero(), "it was asked for")
	})

	login := func(behaviour string) types.Action {
		return types.Action{Type: types.ActionTypeEnumAuthenticateOidc, AuthenticateOidcConfig: &types.AuthenticateOidcActionConfig{
			AuthorizationEndpoint: aws.String("https://idp.example/authorize?tenant=1"), ClientId: aws.String("me"),
			OnUnauthenticatedRequest:         types.AuthenticateOidcActionConditionalBehaviorEnum(behaviour),
			AuthenticationRequestExtraParams: map[string]string{"prompt": "login"},
		}}
	}

	DescribeTable("authenticate nobody", func(action types.Action, path string, status int, body string) {
		serveWith(action, say("let in"))
		answer := ask(w.client(), "GET", "http://a.example:8080"+path)
		Expect(answer.StatusCode).To(Equal(status))
		Expect(answer.body).To(ContainSubstring(body))
	},
		Entry("and send them to log in", login("authenticate"), "/", 302, ""),
		Entry("and send them to log in when nothing is said", login(""), "/", 302, ""),
		Entry("and turn them away", login("deny"), "/", 401, "401 Authorization Required"),
		Entry("and let them in when they may be", login("allow"), "/", 200, "let in"),
		Entry("and take no answer of an identity provider", login("authenticate"), "/oauth2/idpresponse?code=1", 561, "561"),
	)

	It("send people to log in with what the identity provider needs", func() {
		serveWith(login("authenticate"), say("let in"))
		location, err := url.Parse(ask(w.client(), "GET", "http://a.example:8080/secret").Header.Get("Location"))
		Expect(err).NotTo(HaveOccurred())
		Expect(location.Host + location.Path).To(Equal("idp.example/authorize"))
		Expect(location.Query()).To(SatisfyAll(
			HaveKeyWithValue("tenant", []string{"1"}), HaveKeyWithValue("prompt", []string{"login"}),
			HaveKeyWithValue("client_id", []string{"me"}), HaveKeyWithValue("scope", []string{"openid"}),
			HaveKeyWithValue("redirect_uri", []string{"https://a.example:8080/oauth2/idpresponse"}),
			HaveKey("state"), HaveKeyWithValue("response_type", []string{"code"}),
		))
	})

	DescribeTable("send people to their user pool", func(domain, host string) {
		serveWith(types.Action{Type: types.ActionTypeEnumAuthenticateCognito, AuthenticateCognitoConfig: &types.AuthenticateCognitoActionConfig{
			UserPoolDomain: &domain, UserPoolClientId: aws.String("me"),
		}}, say("let in"))
		location, err := url.Parse(ask(w.client(), "GET", "http://a.example:8080/").Header.Get("Location"))
		Expect(err).NotTo(HaveOccurred())
		Expect(location.Host + location.Path).To(Equal(host + "/oauth2/authorize"))
	},
		Entry(nil, "mine", "mine.auth.us-east-1.amazoncognito.com"),
		Entry(nil, "login.a.example", "login.a.example"),
	)

	soon, past := start.Unix()+60, start.Unix()-60
	DescribeTable("ask for a token", func(authorization string, status int) {
		serveWith(types.Action{Type: types.ActionTypeEnumJwtValidation, JwtValidationConfig: &types.JwtValidationActionConfig{
			Issuer: aws.String("https://idp.example"), JwksEndpoint: aws.String("https://idp.example/keys"),
			AdditionalClaims: []types.JwtValidationActionAdditionalClaim{
				{Name: aws.String("aud"), Format: types.JwtValidationActionAdditionalClaimFormatEnumStringArray, Values: []string{"a", "b"}},
				{Name: aws.String("scope"), Format: types.JwtValidationActionAdditionalClaimFormatEnumSpaceSeparatedValues, Values: []string{"read"}},
			},
		}}, say("let in"))
		change := func(*http.Request) {}
		if authorization != "" {
			change = header("Authorization", authorization)
		}
		Expect(ask(w.client(), "GET", "http://a.example:8080/", change).StatusCode).To(Equal(status))
	},
		Entry("that is there", "", 401),
		Entry("that is one", "Bearer hello", 401),
		Entry("that is a bearer's", "Basic "+token("{}")[7:], 401),
		Entry("that says JSON", token("hello"), 401),
		Entry("that is good", token(fmt.Sprintf(`{"iss":"https://idp.example","exp":%d,"aud":["c","b"],"scope":"write read"}`, soon)), 200),
		Entry("of the issuer", token(fmt.Sprintf(`{"iss":"https://other.example","exp":%d,"aud":["b"],"scope":"read"}`, soon)), 401),
		Entry("that has not expired", token(fmt.Sprintf(`{"iss":"https://idp.example","exp":%d,"aud":["b"],"scope":"read"}`, past)), 401),
		Entry("that expires", token(`{"iss":"https://idp.example","aud":["b"],"scope":"read"}`), 401),
		Entry("that is good already", token(fmt.Sprintf(`{"iss":"https://idp.example","exp":%d,"nbf":%d,"aud":["b"],"scope":"read"}`, soon, soon)), 401),
		Entry("with all claims", token(fmt.Sprintf(`{"iss":"https://idp.example","exp":%d,"aud":["b"],"scope":"readall"}`, soon)), 401),
		Entry("with a claim of the right kind", token(fmt.Sprintf(`{"iss":"https://idp.example","exp":%d,"aud":{},"scope":"read"}`, soon)), 401),
	)
})
