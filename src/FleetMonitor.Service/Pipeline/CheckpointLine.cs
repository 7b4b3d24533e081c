namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// A shard's devices that wait for their checkpoint, in three lines: those whose kept blocks changed, which do not wait at all; those that hold many
/// readings; and all that have changed, by how long they have waited. Rigs that report in step must not be due in step: one batch would take seconds.
/// </summary>
/// <param name="devices">By place; it grows.</param>
/// <param name="shards">How many there are; ids go round them.</param>
/// <param name="most">Settled readings that a device may hold before it is in line because of them.</param>
/// <param name="mostBesideUnsettled">
/// The same of one that holds many unsettled ones. Those are written with every checkpoint, so it waits until it has some times as many settled ones,
/// but until no more than this.
/// </param>
internal sealed class CheckpointLine(IReadOnlyList<TrackedDevice> devices, int shards, int most, int mostBesideUnsettled)
{
    /// <summary>For each unsettled reading that is written so many settled ones leave: a fifth of what is written is to be written again.</summary>
    private const int SettledForUnsettled = 4;

    private readonly List<TrackedDevice> _must = [];

    /// <summary>By place, in the order in which they changed, each with the last digits of the batch: one that has another by now is stale.</summary>
    private readonly Queue<(int Place, uint Since)> _changed = [];

    /// <summary>By place, those that hold as many readings as they may, in the order in which they came to.</summary>
    private readonly Queue<int> _full = [];
    private double _dueAllowed;
    private double _earlyAllowed;

    /// <summary>In settled readings.</summary>
    private long _fullAllowed;

    /// <summary>The oldest batch that some device's state holds and its checkpoint does not.</summary>
    public long? OldestChange
    {
        get
        {
            while (_changed.TryPeek(out (int Place, uint Since) oldest))
            {
                if (devices[oldest.Place].DirtySince is { } since && unchecked((uint)since) == oldest.Since)
                {
                    return since;
                }

                _changed.Dequeue();
            }

            return null;
        }
    }

    /// <summary>For each reading that comes two settled ones may leave those that are full: their line gets shorter, and at most twice as fast as readings come.</summary>
    public void EntryCame() => _fullAllowed += 2;

    /// <summary>A batch has changed the device.</summary>
    public void Changed(TrackedDevice device, long sequence)
    {
        bool isCurrent = device.DirtySince is null;
        device.Changed(sequence);
        if (isCurrent)
        {
            _changed.Enqueue((PlaceOf(device), unchecked((uint)sequence)));
        }

        if (!device.HoldsMany && device.Meter.SettledCount >= Math.Clamp(SettledForUnsettled * device.Meter.UnsettledCount, most, mostBesideUnsettled))
        {
            device.HoldsMany = true;
            _full.Enqueue(PlaceOf(device));
        }
    }

    /// <summary>It is to be checkpointed with the batch that is under way.</summary>
    public void Must(TrackedDevice device)
    {
        if (!device.CheckpointNow)
        {
            device.CheckpointNow = true;
            _must.Add(device);
        }
    }

    /// <summary>Those that must be, and of those that hold many readings or have waited long as many as keeps either line short.</summary>
    /// <param name="changedBefore">Devices changed in batches before this one are due.</param>
    /// <param name="share">How large a part of all devices may be taken because they are due.</param>
    public IEnumerable<TrackedDevice> TakeDue(long changedBefore, double share)
    {
        foreach (TrackedDevice device in _must)
        {
            yield return device;
        }

        _must.Clear();
        while (_fullAllowed >= most && _full.TryDequeue(out int place))
        {
            if (devices[place].HoldsMany)
            {
                _fullAllowed -= devices[place].Meter.SettledCount;
                yield return devices[place];
            }
        }

        _dueAllowed += devices.Count * share;
        for (; _dueAllowed >= 1 && OldestChange < changedBefore; _dueAllowed--)
        {
            yield return devices[_changed.Dequeue().Place];
        }

        // Where there is no line, those that are not due yet go at the pace at which they become so: what began in step falls out of it.
        _earlyAllowed += _changed.Count * share / 2;
        for (; _earlyAllowed >= 1 && OldestChange >= changedBefore; _earlyAllowed--)
        {
            yield return devices[_changed.Dequeue().Place];
        }

        // Allowance is not saved up for when there is a line.
        (_fullAllowed, _dueAllowed, _earlyAllowed) = (Math.Min(_fullAllowed, most), Math.Min(_dueAllowed, 1), Math.Min(_earlyAllowed, 1));
    }

    private int PlaceOf(TrackedDevice device) => device.Id / shards;
}
