namespace FleetMonitor.Service.Sources;

/// <summary>How a source stands, for readiness, metrics and people.</summary>
/// <param name="Connected">It can receive.</param>
/// <param name="Detail">A sentence: where it is connected to, or why not.</param>
public sealed record SourceStatus(string Name, bool Connected, string Detail);

/// <summary>Where readings come in, and where alerts go out.</summary>
internal interface IMessageSource : IAsyncDisposable
{
    SourceStatus Status { get; }

    /// <summary>Publishes an alert where those who watch this source see it, in the order of the calls.</summary>
    /// <returns>True once who passes it on has it: a broker that has acknowledged it. False where nobody is connected, or no longer.</returns>
    Task<bool> PublishAlertAsync(string topic, byte[] payload);
}
