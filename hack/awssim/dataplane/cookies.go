package dataplane

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The cookies of the load balancer's own. The one with CORS after its name is
// the same for requests from other sites.
const (
	cookieTargetGroup = "AWSALBTG"
	cookieTarget      = "AWSALB"
	cookieApplication = "AWSALBAPP-0"
	corsSuffix        = "CORS"
)

// seal hides what a cookie stands for; salt keeps load balancers apart.
func (x *exchange) seal(what string, until time.Time) string {
	expires := strconv.FormatInt(until.Unix(), 36)
	sum := sha256.Sum256([]byte(x.b.view.ARN + "\x00" + what + "\x00" + expires))
	return base64.RawURLEncoding.EncodeToString(sum[:18]) + "." + expires
}

// opens tells whether one of the request's cookies stands for what is given,
// and has not expired.
func (x *exchange) opens(what string, names ...string) bool {
	for _, name := range names {
		for _, cookie := range x.request.CookiesNamed(name) {
			_, text, _ := strings.Cut(cookie.Value, ".")
			seconds, err := strconv.ParseInt(text, 36, 64)
			until := time.Unix(seconds, 0)
			if err == nil && x.plane.options.Clock.Now().Before(until) && cookie.Value == x.seal(what, until) {
				return true
			}
		}
	}
	return false
}

// stick sets a cookie of the load balancer's own on an answer.
func (x *exchange) stick(header http.Header, name, what string, d time.Duration) {
	until := x.plane.options.Clock.Now().Add(d).Truncate(time.Second)
	value := fmt.Sprintf("%s; Expires=%s; Path=/", x.seal(what, until), until.UTC().Format(http.TimeFormat))
	header.Add("Set-Cookie", name+"="+value)
	if name != cookieApplication {
		header.Add("Set-Cookie", name+corsSuffix+"="+value+"; SameSite=None; Secure")
	}
}

// stickiness is how requests of one client stay with one target.
type stickiness struct {
	// cookie is the load balancer's, application the target's own cookie
	// that begins to stick.
	cookie, application string
	duration            time.Duration
}

// stickinessOf is how requests stick to targets of a group; no cookie when they do not.
func stickinessOf(attributes map[string]string) stickiness {
	if attributes["stickiness.enabled"] != "true" {
		return stickiness{}
	}
	kind := cmp.Or(attributes["stickiness.type"], "lb_cookie")
	s := stickiness{duration: time.Duration(number(attributes, "stickiness."+kind+".duration_seconds", 86400)) * time.Second}
	switch kind {
	case "lb_cookie":
		s.cookie = cookieTarget
	case "app_cookie":
		s.cookie, s.application = cookieApplication, attributes["stickiness.app_cookie.cookie_name"]
	}
	return s
}
