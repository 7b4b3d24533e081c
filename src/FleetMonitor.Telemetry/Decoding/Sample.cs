using System.Diagnostics.CodeAnalysis;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>A reading as its fields come in.</summary>
internal struct Sample(Instant receivedAt)
{
    public Instant At = receivedAt;
    public bool TimeFromReceipt = true;

    private long power;
    private long register;
    private long hashRate;
    private long temperature;
    private long status;

    public ReadingFields Fields { get; private set; }

    /// <summary>Where a field's value goes, in counted units; from now on the field counts as reported.</summary>
    [UnscopedRef]
    public ref long Value(FieldKind kind)
    {
        switch (kind)
        {
            case FieldKind.Power:
                Fields |= ReadingFields.Power;
                return ref power;
            case FieldKind.Register:
                Fields |= ReadingFields.Register;
                return ref register;
            case FieldKind.HashRate:
                Fields |= ReadingFields.HashRate;
                return ref hashRate;
            case FieldKind.Temperature:
                Fields |= ReadingFields.Temperature;
                return ref temperature;
            case FieldKind.Status:
                Fields |= ReadingFields.Status;
                return ref status;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a measured field");
        }
    }

    public readonly Reading ToReading() => new(
        At,
        Fields,
        new Power(power),
        new Energy(register),
        new HashRate(hashRate),
        new Temperature((int)temperature),
        (DeviceStatus)status);
}
