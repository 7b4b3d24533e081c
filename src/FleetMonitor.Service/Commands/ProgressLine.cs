namespace FleetMonitor.Service.Commands;

/// <summary>A line on the terminal that is written over twice a second; nothing at all where stderr is no terminal.</summary>
internal sealed class ProgressLine : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly ITimer _timer;

    private ProgressLine(TimeProvider time, Func<string> describe) =>
        _timer = time.CreateTimer(_ => Console.Error.Write($"\r{describe()}\u001b[K"), null, Period, Period);

    /// <returns>What ends the line when it is disposed of; null where there is no terminal.</returns>
    public static ProgressLine? Start(TimeProvider time, Func<string> describe) =>
        Console.IsErrorRedirected ? null : new ProgressLine(time, describe);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await Console.Error.WriteAsync("\r\u001b[K");
    }
}
