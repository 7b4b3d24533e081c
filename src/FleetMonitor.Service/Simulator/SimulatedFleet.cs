using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Simulator;

/// <summary>
/// A mining site that does not exist: rigs with a known power signal, and so with a known truth. Seeded and without I/O or clock of its own;
/// shares no code with the metering it is held against. Different devices may be sampled by different threads.
/// </summary>
public sealed class SimulatedFleet
{
    private readonly SimulatedDevice[] _devices;

    public SimulatedFleet(SimulatedFleetOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Rigs);
        Site = options.Site;
        long start = options.Start.UnixMilliseconds / PowerSignal.StepMilliseconds * PowerSignal.StepMilliseconds;
        Start = new Instant(start);
        Days = new LocalDays(options.TimeZone, start);

        Fault[] all = [.. options.Faults.Where(fault => fault.Device is null)];
        ILookup<int, Fault> own = options.Faults.Where(fault => fault.Device is not null).ToLookup(fault => fault.Device!.Value);
        DeviceFaults shared = all.Length == 0 ? DeviceFaults.None : new DeviceFaults(all);
        _devices = new SimulatedDevice[options.Rigs];
        for (int index = 0; index < _devices.Length; index++)
        {
            DeviceFaults faults = own.Contains(index) ? new DeviceFaults([.. all, .. own[index]]) : shared;
            _devices[index] = new SimulatedDevice(index, options.Seed, start, Days, faults);
        }
    }

    public string Site { get; }

    /// <summary>When its devices begin to draw power.</summary>
    public Instant Start { get; }

    public int Count => _devices.Length;

    internal LocalDays Days { get; }

    public string DeviceId(int device) => _devices[device].Id;

    public RigModel Model(int device) => _devices[device].Model;

    /// <summary>The power that a device draws within one 100 ms step of Unix time, in mW: the definition of the signal.</summary>
    public long MilliwattsAt(int device, long step) => _devices[device].MilliwattsAt(step);

    /// <summary>Samples a device, at a time not before its last sample; false where it publishes nothing then.</summary>
    public bool TrySample(int device, Instant time, out SimulatedSample sample) =>
        _devices[device].TrySample(time.UnixMilliseconds, out sample);

    /// <summary>All that a device had drawn at the end of a local day that it has been sampled after, in mW · ms.</summary>
    internal long DrawnAtDayEnd(int device, int day) => _devices[device].DrawnAtDayEnds[day];
}
