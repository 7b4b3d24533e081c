namespace FleetMonitor.Service.Alerts;

/// <summary>Rings when alert events have become durable, so that those who pass them on need not look all the time.</summary>
internal sealed class AlertFeed
{
    private TaskCompletionSource _next = New();

    /// <summary>Completes with the next ring. Take it before looking, so that no ring is missed in between.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Ring() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
