using System.Collections.Concurrent;
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
    private static readonly BrokerSession Known = new("me", ["t"], LastHeard: 1_000);

    [Fact]
    public async Task Session_IsMarkedAsConnectingBeforeTheBrokerHearsOfIt_AndUnmarkedOnceItIsKnown()
    {
        var steps = new Steps();

        await RunAsync(steps, sessionPresent: true, Known);

        Assert.Equal(["remember connecting=True", "CONNECT", "SUBSCRIBE", "remember connecting=False"], steps.Taken);
    }

    [Fact]
    public async Task Session_ThatIsNew_IsSubscribedOnlyOnceTheGapIsDurable()
    {
        var steps = new Steps();

        await RunAsync(steps, sessionPresent: false, Known);

        Assert.Equal(
            ["remember connecting=True", "CONNECT", "gap from 1000, new=True", "gap is durable", "SUBSCRIBE", "remember connecting=False"],
            steps.Taken);
    }

    [Fact]
    public async Task Session_WhoseConnectingWasCutOffByADeath_IsAGapAlthoughTheBrokerKnowsIt()
    {
        var steps = new Steps();

        await RunAsync(steps, sessionPresent: true, Known with { Connecting = true });

        Assert.Equal(["CONNECT", "gap from 1000, new=False", "gap is durable", "SUBSCRIBE", "remember connecting=False"], steps.Taken);
    }

    [Fact]
    public async Task Session_OfTheFirstConnection_IsNoGap()
    {
        var steps = new Steps();

        await RunAsync(steps, sessionPresent: false, null);

        Assert.Equal(["CONNECT", "SUBSCRIBE", "remember connecting=False"], steps.Taken);
    }

    private static async Task RunAsync(Steps steps, bool sessionPresent, BrokerSession? session)
    {
        Assert.True(BrokerAddress.TryParse("127.0.0.1:1", out BrokerAddress? address));
        await using var source = new BrokerSource(
            new ScriptedClient(steps, sessionPresent),
            address!,
            "me",
            SettingsFile.Read(new ConfigurationBuilder().Build()).Settings.Subscriber,
            tls: null,
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
        await steps.WaitForAsync("remember connecting=False");
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

    /// <summary>Connects at once, to a broker that knows the session or not, and stays connected.</summary>
    private sealed class ScriptedClient(Steps steps, bool sessionPresent) : IBrokerClient, IBrokerConnection
    {
        public bool SessionPresent => sessionPresent;

        public Task<string> Completion { get; } = new TaskCompletionSource<string>().Task;

        public Task<BrokerAttempt> ConnectAsync(BrokerLogin login, IMessageReceiver receiver, CancellationToken cancellation)
        {
            steps.Take("CONNECT");
            return Task.FromResult(new BrokerAttempt(this, null, MayRetry: false));
        }

        public Task<IReadOnlyList<string?>> SubscribeAsync(IReadOnlyList<string> filters)
        {
            steps.Take("SUBSCRIBE");
            return Task.FromResult<IReadOnlyList<string?>>([null]);
        }

        public Task<bool> UnsubscribeAsync(IReadOnlyList<string> filters) => Task.FromResult(true);

        public Task<bool> PublishAsync(string topic, ReadOnlyMemory<byte> payload) => Task.FromResult(true);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
