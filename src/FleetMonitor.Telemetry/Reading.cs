using System.Runtime.InteropServices;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Telemetry;

[Flags]
public enum ReadingFields : byte
{
    None = 0,
    Power = 1,
    Register = 2,
    HashRate = 4,
    Temperature = 8,
    Status = 16,
}

/// <summary>What a device says of itself. Ordered, so that a conflict at one time has a greatest value (S3).</summary>
public enum DeviceStatus : byte
{
    Unknown = 0,
    Off = 1,
    Idle = 2,
    Mining = 3,
    Fault = 4,
}

/// <summary>
/// One sample of one device. A field that <see cref="Fields"/> does not name was not reported: missing is not zero, and its value here is
/// default and means nothing.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Reading(
    Instant At,
    ReadingFields Fields,
    Power Power = default,
    Energy Register = default,
    HashRate HashRate = default,
    Temperature Temperature = default,
    DeviceStatus Status = default)
{
    public bool HasPower => (Fields & ReadingFields.Power) != 0;

    public bool HasRegister => (Fields & ReadingFields.Register) != 0;

    public bool HasHashRate => (Fields & ReadingFields.HashRate) != 0;

    public bool HasTemperature => (Fields & ReadingFields.Temperature) != 0;

    public bool HasStatus => (Fields & ReadingFields.Status) != 0;

    /// <summary>
    /// Two samples of one device at one time: fields come together, and where both report a field the greatest value wins, whatever the
    /// order they came in (S3).
    /// </summary>
    /// <param name="conflict">True where a field was reported by both with different values.</param>
    public static Reading Merge(in Reading left, in Reading right, out bool conflict)
    {
        ReadingFields both = left.Fields & right.Fields;
        conflict =
            ((both & ReadingFields.Power) != 0 && left.Power != right.Power)
            || ((both & ReadingFields.Register) != 0 && left.Register != right.Register)
            || ((both & ReadingFields.HashRate) != 0 && left.HashRate != right.HashRate)
            || ((both & ReadingFields.Temperature) != 0 && left.Temperature != right.Temperature)
            || ((both & ReadingFields.Status) != 0 && left.Status != right.Status);
        return new Reading(
            left.At,
            left.Fields | right.Fields,
            new Power(Greatest(left.HasPower, left.Power.Milliwatts, right.HasPower, right.Power.Milliwatts)),
            new Energy(Greatest(left.HasRegister, left.Register.MicrowattHours, right.HasRegister, right.Register.MicrowattHours)),
            new HashRate(Greatest(
                left.HasHashRate, left.HashRate.MegahashesPerSecond, right.HasHashRate, right.HashRate.MegahashesPerSecond)),
            new Temperature((int)Greatest(
                left.HasTemperature, left.Temperature.Millicelsius, right.HasTemperature, right.Temperature.Millicelsius)),
            (DeviceStatus)Greatest(left.HasStatus, (long)left.Status, right.HasStatus, (long)right.Status));
    }

    private static long Greatest(bool hasLeft, long left, bool hasRight, long right) => (hasLeft, hasRight) switch
    {
        (true, true) => Math.Max(left, right),
        (true, false) => left,
        (false, true) => right,
        _ => 0,
    };
}
