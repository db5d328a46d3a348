package testenv

import (
	"sync/atomic"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// startingWorkers is what controller-runtime logs when a controller's caches are filled and it begins to work.
const startingWorkers = "Starting workers"

// counting is a manager that knows how many of its controllers have begun to work. Until all have, the world can look
// settled only because nobody has looked at it.
type counting struct {
	ctrl.Manager
	controllers, working atomic.Int32
}

// Add counts the controllers.
func (c *counting) Add(runnable manager.Runnable) error {
	if _, ok := runnable.(controller.Controller); ok {
		c.controllers.Add(1)
	}
	return c.Manager.Add(runnable)
}

// GetLogger is the logger of the controllers.
func (c *counting) GetLogger() logr.Logger {
	logger := c.Manager.GetLogger()
	return logger.WithSink(startSink{logger.GetSink(), &c.working})
}

func (c *counting) allWork() bool { return c.working.Load() >= c.controllers.Load() }

// startSink counts how often workers are started.
type startSink struct {
	logr.LogSink
	working *atomic.Int32
}

// Info counts the message.
func (s startSink) Info(level int, message string, keysAndValues ...any) {
	if message == startingWorkers {
		s.working.Add(1)
	}
	s.LogSink.Info(level, message, keysAndValues...)
}

// WithValues keeps counting.
func (s startSink) WithValues(keysAndValues ...any) logr.LogSink {
	return startSink{s.LogSink.WithValues(keysAndValues...), s.working}
}

// WithName keeps counting.
func (s startSink) WithName(name string) logr.LogSink {
	return startSink{s.LogSink.WithName(name), s.working}
}
