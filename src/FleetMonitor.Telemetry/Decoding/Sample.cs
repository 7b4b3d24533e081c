using System.Diagnostics.CodeAnalysis;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>A reading as its fields come in.</summary>
internal struct Sample(Instant receivedAt)
{
    public Instant At = receivedAt;
    public bool TimeFromReceipt = true;

    private long _power;
    private long _register;
    private long _hashRate;
    private long _temperature;
    private long _status;

    public ReadingFields Fields { get; private set; }

    /// <summary>Where a field's value goes, in counted units; from now on the field counts as reported.</summary>
    [UnscopedRef]
    public ref long Value(FieldKind kind)
    {
        switch (kind)
        {
            case FieldKind.Power:
                Fields |= ReadingFields.Power;
                return ref _power;
            case FieldKind.Register:
                Fields |= ReadingFields.Register;
                return ref _register;
            case FieldKind.HashRate:
                Fields |= ReadingFields.HashRate;
                return ref _hashRate;
            case FieldKind.Temperature:
                Fields |= ReadingFields.Temperature;
                return ref _temperature;
            case FieldKind.Status:
                Fields |= ReadingFields.Status;
                return ref _status;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a measured field");
        }
    }

    public readonly Reading ToReading() => new(
        At,
        Fields,
        new Power(_power),
        new Energy(_register),
        new HashRate(_hashRate),
        new Temperature((int)_temperature),
        (DeviceStatus)_status);
}
