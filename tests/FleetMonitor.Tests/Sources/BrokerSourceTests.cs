using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Service.Sources;
using FleetMonitor.Telemetry.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Sources;

/// <summary>What is noted of a session, and when: a process may die between any two steps.</summary>
public sealed class BrokerSourceTests
{
    private static readonly BrokerSession Known = new(["t"], LastHeard: 1_000);

    [Fact]
    public async Task Session_IsMarkedAsConnectingBeforeTheBrokerHearsOfIt_AndUnmarkedOnceItIsKnown()
    {
        var steps = new Steps();
        await using var broker = new OneBroker(steps, sessionPresent: true);

        await RunAsync(broker, steps, Known, until: "remember connecting=False");

        Assert.Equal(["remember connecting=True", "CONNECT", "SUBSCRIBE", "remember connecting=False"], steps.Taken);
    }

    [Fact]
    public async Task Session_ThatIsNew_IsSubscribedOnlyOnceTheGapIsDurable()
    {
        var steps = new Steps();
        await using var broker = new OneBroker(steps, sessionPresent: false);

        await RunAsync(broker, steps, Known, until: "remember connecting=False");

        Assert.Equal(
            ["remember connecting=True", "CONNECT", "gap from 1000, new=True", "gap is durable", "SUBSCRIBE", "remember connecting=False"],
            steps.Taken);
    }

    [Fact]
    public async Task Session_WhoseConnectingWasCutOffByADeath_IsAGapAlthoughTheBrokerKnowsIt()
    {
        var steps = new Steps();
        await using var broker = new OneBroker(steps, sessionPresent: true);

        await RunAsync(broker, steps, Known with { Connecting = true }, until: "remember connecting=False");

        Assert.Equal(["CONNECT", "gap from 1000, new=False", "gap is durable", "SUBSCRIBE", "remember connecting=False"], steps.Taken);
    }

    [Fact]
    public async Task Session_OfTheFirstConnection_IsNoGap()
    {
        var steps = new Steps();
        await using var broker = new OneBroker(steps, sessionPresent: false);

        await RunAsync(broker, steps, null, until: "remember connecting=False");

        Assert.Equal(["CONNECT", "SUBSCRIBE", "remember connecting=False"], steps.Taken);
    }

    private static async Task RunAsync(OneBroker broker, Steps steps, BrokerSession? session, string until)
    {
        Assert.True(BrokerAddress.TryParse($"127.0.0.1:{broker.Port}", out BrokerAddress? address));
        Settings settings = SettingsFile.Read(new ConfigurationBuilder().Build()).Settings;
        await using var source = new BrokerSource(
            address!,
            "me",
            settings.Subscriber,
            ["t"],
            session,
            remembered =>
            {
                steps.Take($"remember connecting={remembered.Connecting}");
                return Task.CompletedTask;
            },
            steps,
            TimeProvider.System,
            NullLogger.Instance);
        source.Start();
        await steps.WaitForAsync(until);
    }

    private sealed class Steps : IMessageReceiver
    {
        private readonly ConcurrentQueue<string> _taken = new();
        private readonly SemaphoreSlim _news = new(0);

        public IEnumerable<string> Taken => _taken;

        public void Take(string step)
        {
            _taken.Enqueue(step);
            _news.Release();
        }

        public async Task WaitForAsync(string step)
        {
            while (!_taken.Contains(step))
            {
                Assert.True(await _news.WaitAsync(TimeSpan.FromSeconds(10)), string.Join("; ", _taken));
            }
        }

        public ValueTask ReceiveAsync(RawBatch batch, CancellationToken cancellation) => ValueTask.CompletedTask;

        public async ValueTask<bool> SessionLostAsync(string source, Instant from, Instant to, string detail, bool isNewSession)
        {
            Take($"gap from {from.UnixMilliseconds}, new={isNewSession}");

            // Long enough for a SUBSCRIBE that does not wait to arrive first.
            await Task.Delay(50);
            Take("gap is durable");
            return true;
        }
    }

    /// <summary>Takes one connection and grants what it is asked for.</summary>
    private sealed class OneBroker : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _running;

        public OneBroker(Steps steps, bool sessionPresent)
        {
            _listener.Start();
            _running = Task.Run(() => ServeAsync(steps, sessionPresent));
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _running;
        }

        private async Task ServeAsync(Steps steps, bool sessionPresent)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync();
            NetworkStream stream = client.GetStream();
            byte[] packet = new byte[1024];
            while (await stream.ReadAsync(packet) is var length and > 0)
            {
                switch (packet[0] >> 4)
                {
                    case 1:
                        steps.Take("CONNECT");
                        await stream.WriteAsync(new byte[] { 0x20, 3, sessionPresent ? (byte)1 : (byte)0, 0, 0 });
                        break;
                    case 8:
                        steps.Take("SUBSCRIBE");
                        await stream.WriteAsync(new byte[] { 0x90, 4, packet[2], packet[3], 0, 1 });
                        break;
                    default:
                        return;
                }
            }
        }
    }
}
