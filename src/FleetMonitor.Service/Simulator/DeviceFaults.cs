namespace FleetMonitor.Service.Simulator;

/// <summary>The faults of one device (its own and those of all), asked for by time in Unix milliseconds.</summary>
internal sealed class DeviceFaults
{
    public static readonly DeviceFaults None = new([]);

    private readonly Fault[] _faults;
    private readonly Fault[] _drawing;
    private readonly long[] _resets;

    public DeviceFaults(IEnumerable<Fault> faults)
    {
        _faults = [.. faults.Where(fault => fault.Kind != FaultKind.RegisterReset).OrderBy(fault => fault.From)];
        _drawing = [.. _faults.Where(fault => fault.Kind is FaultKind.Offline or FaultKind.SiteOutage or FaultKind.Overload)];
        _resets = [.. faults.Where(fault => fault.Kind == FaultKind.RegisterReset).Select(fault => fault.From.UnixMilliseconds).Order()];
    }

    public bool ChangesDraw => _drawing.Length > 0;

    public bool Any => _faults.Length > 0;

    /// <summary>When the register is next reset after <paramref name="time"/>.</summary>
    public long NextReset(long time)
    {
        foreach (long reset in _resets)
        {
            if (reset > time)
            {
                return reset;
            }
        }

        return long.MaxValue;
    }

    /// <summary>The latest fault of a kind that holds at a time.</summary>
    public Fault? At(long time, FaultKind kind)
    {
        for (int index = _faults.Length - 1; index >= 0; index--)
        {
            if (_faults[index].Kind == kind && _faults[index].Covers(time))
            {
                return _faults[index];
            }
        }

        return null;
    }

    /// <summary>What the faults do to the power drawn from <paramref name="time"/> until <paramref name="until"/>.</summary>
    public (bool Off, bool Overload) DrawAt(long time, out long until)
    {
        bool off = false;
        bool overload = false;
        until = long.MaxValue;
        foreach (Fault fault in _drawing)
        {
            long from = fault.From.UnixMilliseconds;
            long to = fault.To.UnixMilliseconds;
            if (time < from)
            {
                until = Math.Min(until, from);
            }
            else if (time < to)
            {
                until = Math.Min(until, to);
                off |= fault.Kind != FaultKind.Overload;
                overload |= fault.Kind == FaultKind.Overload;
            }
        }

        return (off, overload);
    }
}
