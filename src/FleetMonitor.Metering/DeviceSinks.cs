using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>Hears nothing: for bringing a run back to where it stood.</summary>
internal struct SilentSink : IDeviceSink
{
    public readonly void Add(DateOnly day, EnergyQuality quality, Energy energy)
    {
    }

    public readonly void Add(in Gap gap)
    {
    }

    public readonly void CoverGaps(Instant from)
    {
    }

    public readonly void Add(in MeterEvent meterEvent)
    {
    }

    public readonly void Add(in DeviceWindow window)
    {
    }

    public readonly void Restart(Instant foundAt)
    {
    }
}

/// <summary>Takes energy back: what was booked is booked again with the other sign.</summary>
internal readonly struct TakeBackSink<TSink>(TSink inner) : IDeviceSink
    where TSink : IDeviceSink
{
    private readonly TSink _inner = inner;

    public readonly void Add(DateOnly day, EnergyQuality quality, Energy energy) =>
        _inner.Add(day, quality, Energy.Zero - energy);

    public readonly void Add(in Gap gap)
    {
    }

    public readonly void CoverGaps(Instant from)
    {
    }

    public readonly void Add(in MeterEvent meterEvent)
    {
    }

    public readonly void Add(in DeviceWindow window)
    {
    }

    public readonly void Restart(Instant foundAt)
    {
    }
}

/// <summary>Passes everything on, but of the windows only those that a change at <paramref name="from"/> can have touched.</summary>
internal readonly struct WindowsFromSink<TSink>(TSink inner, Instant from) : IDeviceSink
    where TSink : IDeviceSink
{
    private readonly TSink _inner = inner;
    private readonly Instant _from = from;

    public readonly void Add(DateOnly day, EnergyQuality quality, Energy energy) => _inner.Add(day, quality, energy);

    public readonly void Add(in Gap gap) => _inner.Add(gap);

    public readonly void CoverGaps(Instant from) => _inner.CoverGaps(from);

    public readonly void Add(in MeterEvent meterEvent) => _inner.Add(meterEvent);

    public readonly void Add(in DeviceWindow window)
    {
        if (window.Start >= _from)
        {
            _inner.Add(window);
        }
    }

    public readonly void Restart(Instant foundAt) => _inner.Restart(foundAt);
}
