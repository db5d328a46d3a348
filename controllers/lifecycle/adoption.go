package lifecycle

import (
	"strings"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// MayAdopt refuses to take over what has the object's name when changes show that it is not as declared, unless the object
// names it as the one to take over, or takes over anything. What begins a sentence. It is for kinds whose default is Never.
func MayAdopt[C Change](obj Object, named bool, what string, changes []C) error {
	if named || len(changes) == 0 || Adoption(obj, v1alpha1.AdoptionNever) == v1alpha1.AdoptionAlways {
		return nil
	}
	first := changes[0].Plan()[0]
	return Refuse(v1alpha1.ReasonConflict, "%s exists and differs from the spec (%s). Declare it as it is, or set spec.adoptionPolicy to Always to change it.",
		what, strings.TrimSpace(first.Resource+" "+first.Field))
}
