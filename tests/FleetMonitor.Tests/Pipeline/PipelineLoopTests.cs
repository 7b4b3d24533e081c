using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Finance;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>How the loop ends while it waits for room on a full disk. The clock's timers never fire: only who ends it ends that wait.</summary>
public sealed class PipelineLoopTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly BookRoom _room = new(fleet: null, "2026-11-21T10:00:00Z");
    private readonly FullLedger _ledger = new();
    private Engine _engine = null!;
    private PipelineLoop _loop = null!;
    private Task<bool> _answer = null!;

    public async Task InitializeAsync()
    {
        _engine = _room.Open(clockFromMessages: false);
        _loop = new PipelineLoop(
            _engine.Decider,
            _ledger,
            new PipelineCounters(),
            new PipelineLoopOptions(MessagesPerBatch: 100, QueuedMessages: 1, TimeSpan.Zero, TimeSpan.FromSeconds(5), ClockFromMessages: false),
            _room.Clock,
            NullLogger.Instance);
        _loop.Start();
        await ReceiveAsync();
        _answer = _loop.AskAsync(_ => true);
        await _ledger.Refused.WaitAsync(Patience);
    }

    public async Task DisposeAsync()
    {
        await _loop.DisposeAsync();
        await _engine.DisposeAsync();
        _room.Dispose();
    }

    [Fact]
    public async Task Fail_WhileTheDiskIsFull_EndsTheLoopWithItAndTellsWhoAsked()
    {
        var damage = new LedgerCorruptException("a page is spoilt");
        _loop.Fail(damage);

        Assert.Same(damage, await Assert.ThrowsAsync<LedgerCorruptException>(() => _loop.Completion.WaitAsync(Patience)));
        Assert.Same(damage, await Assert.ThrowsAsync<LedgerCorruptException>(() => _answer.WaitAsync(Patience)));
        Assert.Equal(PipelineHealth.Failed, _loop.Health);
    }

    [Fact]
    public async Task Fail_WhileThereIsNoRoomInFront_LetsGoWhoWaitsForIt()
    {
        Task waits = ReceiveAsync().AsTask();
        Assert.False(waits.IsCompleted);

        _loop.Fail(new LedgerCorruptException("a page is spoilt"));

        await waits.WaitAsync(Patience);
        await ReceiveAsync().AsTask().WaitAsync(Patience);
    }

    [Fact]
    public async Task StopAsync_WhileTheDiskIsFull_TriesOnceMoreAndSaysThatNotAllIsWritten()
    {
        int refused = _ledger.Refusals;

        await Assert.ThrowsAsync<LedgerFullException>(() => _loop.StopAsync().WaitAsync(Patience));
        await Assert.ThrowsAsync<LedgerFullException>(() => _answer.WaitAsync(Patience));
        Assert.Equal(refused + 1, _ledger.Refusals);
    }

    [Fact]
    public async Task StopAsync_WhenThereIsRoomAgain_LosesNothing()
    {
        _ledger.HasRoom = true;

        await _loop.StopAsync().WaitAsync(Patience);
        Assert.True(await _answer.WaitAsync(Patience));
        Assert.Equal([new DeviceKey("site-1", "rig-1")], _ledger.Devices);
        Assert.Equal(PipelineHealth.Stopped, _loop.Health);
    }

    private ValueTask ReceiveAsync()
    {
        var batch = new RawBatch("test", null, 100);
        batch.Add("fleet/site-1/rig-1/telemetry"u8, """{"power_w":1000}"""u8, Instant.From(_room.Clock.Now));
        return _loop.ReceiveAsync(batch, CancellationToken.None);
    }

    /// <summary>A disk that is full until it is told otherwise: a real one cannot be made to have room at a given moment.</summary>
    private sealed class FullLedger : ILedger
    {
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Refused => _refused.Task;

        public volatile bool HasRoom;

        public int Refusals { get; private set; }

        public List<DeviceKey> Devices { get; } = [];

        public void Commit(LedgerCommit commit)
        {
            if (HasRoom)
            {
                Devices.AddRange(commit.NewDevices.Select(device => device.Key));
                return;
            }

            Refusals++;
            _refused.TrySetResult();
            throw new LedgerFullException("The disk is full.", new IOException("No space left on device"));
        }

        public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from) => [];

        public IReadOnlyList<ReadingBlock> BlocksUntil(int device, Instant before) => [];

        public HoursStand? HoursStand(int device) => null;

        public IReadOnlyList<DeviceHour> HoursOf(int device, DateOnly day) => [];

        public void TrimJournal(long before)
        {
        }

        public void Dispose()
        {
        }
    }
}
