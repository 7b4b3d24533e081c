using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Simulator;

/// <summary>
/// Publishes the devices of one connection. One loop samples what is due into the backlog and sends it where there is a connection; the other
/// takes the broker's answers in order, and after a lost connection sends again whatever has none. A message leaves the backlog only by an
/// answer, so that nothing is lost however often the broker restarts.
/// </summary>
internal sealed class SimulatorConnection(
    SimulatedFleet fleet, Truth truth, SampleSchedule schedule, BrokerDialer dialer, MqttClientOptions mqtt, TimeProvider time, int capacity)
{
    private readonly Lock _gate = new();
    private readonly Backlog _backlog = new(capacity);
    private readonly TelemetryPayload _encoder = new();
    private readonly Dictionary<int, byte[]> _topics = [];
    private readonly PriorityQueue<SimulatedSample, long> _delayed = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly SemaphoreSlim _room = new(0);

    private MqttClientConnection? _client;
    private bool _waitingForRoom;
    private bool _samplingEnded;

    /// <summary>The broker has taken a connection, be it lost since.</summary>
    public bool WasReached { get; private set; }

    public bool IsConnected
    {
        get
        {
            lock (_gate)
            {
                return _client is not null;
            }
        }
    }

    public long Messages { get; private set; }

    public long Acknowledged { get; private set; }

    public long Refused { get; private set; }

    public long Resent { get; private set; }

    public long Skipped => schedule.Skipped;

    /// <summary>Samples what is due until <paramref name="end"/> (Unix milliseconds) or until it is told to stop.</summary>
    public async Task SampleAsync(Func<long> clock, long end, CancellationToken stop)
    {
        try
        {
            await SampleUntilAsync(clock, end, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was sampled is still published.
        }
        finally
        {
            lock (_gate)
            {
                _samplingEnded = true;
            }

            _work.Release();
        }
    }

    /// <summary>Publishes until sampling has ended and all is answered for.</summary>
    /// <returns>Null, or why the broker will never take the rest.</returns>
    public async Task<string?> PublishAsync(CancellationToken abandon)
    {
        while (true)
        {
            DialResult dialled = await dialer.ConnectAsync(mqtt, static (_, _, _) => ValueTask.CompletedTask, abandon);
            if (dialled.Connection is not { } connection)
            {
                return dialled.Refusal;
            }

            await using (connection)
            {
                _ = connection.Client.Completion.ContinueWith(_ => _work.Release(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                Attach(connection.Client);
                bool isDone = await TakeAnswersAsync(connection.Client, abandon);
                Detach();
                if (isDone)
                {
                    return null;
                }

                await TakeLastAnswersAsync();
            }
        }
    }

    private async Task SampleUntilAsync(Func<long> clock, long end, CancellationToken stop)
    {
        // A reading that was due before the end is taken even where it is late, so that a duration gives a known number of them.
        while (clock() is var now && schedule.NextDue(now) < end)
        {
            stop.ThrowIfCancellationRequested();
            if (NextMoment(now) is var next && next > now)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(next - now, schedule.ShortestSleep)), time, stop);
                continue;
            }

            if (!TrySampleNext(now))
            {
                await _room.WaitAsync(stop);
            }
        }

        while (_delayed.Count > 0)
        {
            if (!TrySendDelayed())
            {
                await _room.WaitAsync(stop);
            }
        }
    }

    private long NextMoment(long now) => _delayed.TryPeek(out _, out long due) ? Math.Min(due, schedule.NextDue(now)) : schedule.NextDue(now);

    /// <returns>False where the backlog is full; the room semaphore is released once it is half empty.</returns>
    private bool TrySampleNext(long now)
    {
        if (_delayed.TryPeek(out _, out long due) && due <= now)
        {
            return TrySendDelayed();
        }

        lock (_gate)
        {
            if (!HasRoom())
            {
                return false;
            }

            schedule.CatchUp(now);
            if (fleet.TrySample(schedule.Device, new Instant(now), out SimulatedSample sample))
            {
                if (sample.Delay > TimeSpan.Zero)
                {
                    _delayed.Enqueue(sample, now + (long)sample.Delay.TotalMilliseconds);
                }
                else
                {
                    Send(sample);
                }
            }

            schedule.Advance(now);
            return true;
        }
    }

    private bool TrySendDelayed()
    {
        lock (_gate)
        {
            if (!HasRoom())
            {
                return false;
            }

            Send(_delayed.Dequeue());
            return true;
        }
    }

    private bool HasRoom()
    {
        // A reading that is sent twice needs two places.
        _waitingForRoom = _backlog.Room < 2;
        return !_waitingForRoom;
    }

    private void Send(in SimulatedSample sample)
    {
        for (int copy = sample.SentTwice ? 2 : 1; copy > 0; copy--)
        {
            _backlog.Add(sample, _encoder);
            Messages++;
            if (_client is not null)
            {
                Publish(_client, _backlog.Count - 1);
            }

            if (_backlog.Count == 1)
            {
                _work.Release();
            }
        }
    }

    private void Publish(MqttClientConnection client, int index)
    {
        ref Backlog.Entry entry = ref _backlog[index];
        entry.Publish = client.PublishAsync(Topic(entry.Sample.Device), _backlog.Payload(index), MqttQos.AtLeastOnce);
        entry.IsSent = true;
    }

    private byte[] Topic(int device)
    {
        if (!_topics.TryGetValue(device, out byte[]? topic))
        {
            topic = Encoding.UTF8.GetBytes(TelemetryPayload.Topic(fleet.Site, fleet.DeviceId(device)));
            _topics.Add(device, topic);
        }

        return topic;
    }

    private void Attach(MqttClientConnection client)
    {
        lock (_gate)
        {
            _client = client;
            WasReached = true;
            for (int index = 0; index < _backlog.Count; index++)
            {
                if (!_backlog[index].IsSettled)
                {
                    Publish(client, index);
                }
            }
        }
    }

    private void Detach()
    {
        lock (_gate)
        {
            _client = null;
        }
    }

    /// <returns>True when all is answered for and nothing more will come; false when the connection is lost.</returns>
    private async Task<bool> TakeAnswersAsync(MqttClientConnection client, CancellationToken abandon)
    {
        while (true)
        {
            Task<MqttPublishResult>? oldest = null;
            lock (_gate)
            {
                TakeWhatIsAnswered();
                if (_backlog.Count == 0 && _samplingEnded)
                {
                    return true;
                }

                if (client.Completion.IsCompleted || (_backlog.Count > 0 && !_backlog[0].IsSent))
                {
                    return false;
                }

                if (_backlog.Count > 0)
                {
                    // One task for each time that this loop sleeps, not for each message.
                    oldest = _backlog[0].Publish.AsTask();
                    _backlog[0].Publish = new ValueTask<MqttPublishResult>(oldest);
                }
            }

            await (oldest?.WaitAsync(abandon) ?? _work.WaitAsync(abandon));
        }
    }

    private void TakeWhatIsAnswered()
    {
        while (_backlog.Count > 0 && (_backlog[0].IsSettled || IsAnswered(ref _backlog[0])))
        {
            _backlog.RemoveOldest();
        }

        if (_waitingForRoom && _backlog.Room > _backlog.Count)
        {
            _waitingForRoom = false;
            _room.Release();
        }
    }

    private bool IsAnswered(ref Backlog.Entry entry)
    {
        if (!entry.IsSent || !entry.Publish.IsCompleted)
        {
            return false;
        }

        Settle(ref entry, entry.Publish.Result);
        return entry.IsSettled;
    }

    /// <summary>The connection has ended, so that every publish has its result: messages behind the oldest may have been acknowledged.</summary>
    private async Task TakeLastAnswersAsync()
    {
        for (int index = 0; ; index++)
        {
            ValueTask<MqttPublishResult> publish;
            lock (_gate)
            {
                if (index == _backlog.Count)
                {
                    return;
                }

                if (!_backlog[index].IsSent)
                {
                    continue;
                }

                publish = _backlog[index].Publish;
            }

            MqttPublishResult result = await publish;
            lock (_gate)
            {
                Settle(ref _backlog[index], result);
            }
        }
    }

    private void Settle(ref Backlog.Entry entry, MqttPublishResult result)
    {
        entry.IsSent = false;
        if (result.Outcome == MqttPublishOutcome.ConnectionClosed)
        {
            Resent++;
            return;
        }

        entry.IsSettled = true;
        if (result.IsSuccess)
        {
            Acknowledged++;
            truth.Published(entry.Sample);
        }
        else
        {
            Refused++;
        }
    }
}
