using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt;
using FleetMonitor.Service.Mqtt.Epoll;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Sources;

/// <summary>
/// What many clients sent, as one batch. Within a sweep everything is gathered, whichever thread brings it, so that nothing overtakes; outside of
/// one each read is handed over by itself:
/// <code>
///   in a sweep           reads ─▶ gathered ─▶ end of the sweep ─▶ receiver
///   the receiver full    reads ─▶ gathered, and each client waits ─▶ room ─▶ receiver
///   otherwise            read ─▶ receiver
/// </code>
/// A client that waits is not read from: a receiver without room holds back everybody, after one read each.
/// </summary>
internal sealed class SharedBatch(IMessageReceiver receiver, TimeProvider time) : ISweeps
{
    private readonly Lock _gate = new();
    private RawBatch _gathered = new();
    private bool _isSweeping;
    private TaskCompletionSource? _room;

    /// <summary>Takes what one read of a client brought. Completes when there is room for more of it.</summary>
    public ValueTask TakeAsync(string source, IAcknowledger client, ReadOnlySpan<MqttMessage> messages)
    {
        Instant now = Instant.From(time.GetUtcNow());
        lock (_gate)
        {
            if (_isSweeping || _room is not null)
            {
                Batches.Add(_gathered, source, client, messages, now);
                return _room is null ? ValueTask.CompletedTask : new ValueTask(_room.Task);
            }
        }

        return receiver.ReceiveAsync(Batches.Of(source, client, messages, now), CancellationToken.None);
    }

    /// <inheritdoc/>
    public bool HasRoom => Volatile.Read(ref _room) is null;

    public void BeginSweep()
    {
        lock (_gate)
        {
            _isSweeping = true;
        }
    }

    public int EndSweep()
    {
        int messages = 0;
        while (Gathered() is { } batch)
        {
            messages += batch.Count;
            ValueTask taken = receiver.ReceiveAsync(batch, CancellationToken.None);
            if (!taken.IsCompletedSuccessfully)
            {
                lock (_gate)
                {
                    _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                _ = WaitForRoomAsync(taken);
            }
        }

        return messages;
    }

    /// <returns>Null at the end of the sweep: nothing is gathered, or there is no room for it.</returns>
    private RawBatch? Gathered()
    {
        lock (_gate)
        {
            _isSweeping = _room is null && _gathered.Count > 0;
            return _isSweeping ? Exchange() : null;
        }
    }

    private RawBatch Exchange()
    {
        RawBatch batch = _gathered;
        _gathered = new RawBatch();
        return batch;
    }

    private async Task WaitForRoomAsync(ValueTask taken)
    {
        try
        {
            while (true)
            {
                await taken;
                RawBatch batch;
                lock (_gate)
                {
                    if (_gathered.Count == 0)
                    {
                        _room!.SetResult();
                        _room = null;
                        return;
                    }

                    batch = Exchange();
                }

                taken = receiver.ReceiveAsync(batch, CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            // A receiver that throws takes nothing any more: who waits for it hears why, now and from here on.
            _room!.SetException(e);
        }
    }
}
