using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Mqtt.Epoll;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>What carries bytes between the clients of a test and a listener. What the listener does must not depend on it.</summary>
internal abstract class ListenerTransport : IAsyncDisposable
{
    private static readonly MqttPeer Nobody = new(null);

    /// <summary>How many bytes it holds, at most, of what a client does not take.</summary>
    public abstract int Holds { get; }

    /// <summary>Opens a connection; the task is the listener's serving of it.</summary>
    public abstract (WireEnd Client, Task Served) Open(MqttListener listener, MqttVersion version);

    public abstract ValueTask DisposeAsync();

    /// <summary>Memory: as Kestrel's, and for tests that need no network.</summary>
    internal sealed class Pipes : ListenerTransport
    {
        public override int Holds => 100_000;

        public override (WireEnd Client, Task Served) Open(MqttListener listener, MqttVersion version)
        {
            var pair = new PipePair(version);
            return (pair, listener.HandleAsync(pair.Subject, Nobody, CancellationToken.None));
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>TCP, served by the thread that serves plain connections.</summary>
    internal sealed class Sockets : ListenerTransport, ISweeps
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
        private readonly ConcurrentQueue<(MqttListener Listener, TaskCompletionSource Served)> _opening = [];
        private readonly SemaphoreSlim _accepted = new(0);
        private readonly List<SocketEnd> _clients = [];
        private readonly HashSet<MqttListener> _listeners = [];
        private readonly EpollListener _server;

        public bool HasRoom => true;

        /// <summary>By default the system grants a socket 4 MiB for what it sends (net.ipv4.tcp_wmem), and its peer takes a little.</summary>
        public override int Holds => 8_000_000;

        public Sockets() => _server = new EpollListener(new IPEndPoint(IPAddress.Loopback, 0), ServeAsync, this, TimeSpan.Zero, TimeProvider.System);

        public override (WireEnd Client, Task Served) Open(MqttListener listener, MqttVersion version)
        {
            var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _opening.Enqueue((listener, served));
            var client = new SocketEnd(version, _server.Port);
            _clients.Add(client);
            _listeners.Add(listener);

            // Its time begins when the listener sees it.
            Assert.True(_accepted.Wait(Patience), "The connection was not accepted.");
            return (client, served.Task);
        }

        public override async ValueTask DisposeAsync()
        {
            _clients.ForEach(client => client.Dispose());
            foreach (var listener in _listeners)
            {
                // Who waits for an acknowledgement that no test gives does not see its client go.
                listener.End(_ => true, MqttReasonCode.ServerShuttingDown);
            }

            await _server.DisposeAsync();
            _accepted.Dispose();
        }

        public void BeginSweep()
        {
        }

        public int EndSweep() => 0;

        private async Task ServeAsync(IDuplexPipe transport, MqttPeer peer)
        {
            _opening.TryDequeue(out var opening);
            try
            {
                var serving = opening.Listener.HandleAsync(transport, peer, CancellationToken.None);
                _accepted.Release();
                await serving;
                opening.Served.SetResult();
            }
            catch (Exception exception)
            {
                opening.Served.SetException(exception);
            }
        }
    }
}
