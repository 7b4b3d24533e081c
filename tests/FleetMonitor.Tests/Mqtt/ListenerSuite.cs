using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>Tests of a listener that hold whatever carries the bytes.</summary>
public abstract class ListenerSuite : IAsyncLifetime
{
    internal ListenerSuite(ListenerTransport transport) => Transport = transport;

    internal ListenerTransport Transport { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Transport.DisposeAsync().AsTask();
}
