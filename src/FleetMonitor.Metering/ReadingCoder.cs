using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>
/// Packs readings of one device, one after the other, and unpacks them again exactly. A field is written as its difference to the one before
/// (time and register: to the pace before), in steps of the power of ten that all values so far are multiples of: six to eight bytes for a
/// usual reading of four fields.
/// <code>
///   same fields and status     time difference ‖ 0 · differences
///   others                     time difference ‖ 1 · fields · status · differences
///   first, or finer steps      2 · fields · status · steps · time · values
/// </code>
/// The value is a place in the stream: what was passed last, from which the next is told. Integers are zigzag, seven bits a byte.
/// </summary>
internal struct ReadingCoder
{
    /// <summary>No reading takes more: one written whole is three bytes, the time's ten, and four values with their steps.</summary>
    public const int Longest = 3 + 10 + (3 * 11) + 6;

    private const int Same = 0;
    private const int Others = 1;
    private const int Whole = 2;
    private const int KindBits = 2;
    private const long FarthestTime = 1L << 56;
    private const int MostZeros = 9;

    private static readonly long[] PowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    private long _at;
    private long _pace;

    // In steps.
    private long _power;
    private long _register;
    private long _registerPace;
    private long _hashRate;
    private int _temperature;

    private byte _powerZeros;
    private byte _registerZeros;
    private byte _hashRateZeros;
    private byte _temperatureZeros;
    private ReadingFields _fields;
    private DeviceStatus _status;
    private bool _begun;

    /// <summary>The reading passed last.</summary>
    public readonly Reading Last => new(
        new Instant(_at),
        _fields,
        new Power(Has(ReadingFields.Power) ? _power * PowersOfTen[_powerZeros] : 0),
        new Energy(Has(ReadingFields.Register) ? _register * PowersOfTen[_registerZeros] : 0),
        new HashRate(Has(ReadingFields.HashRate) ? _hashRate * PowersOfTen[_hashRateZeros] : 0),
        new Temperature(Has(ReadingFields.Temperature) ? (int)(_temperature * PowersOfTen[_temperatureZeros]) : 0),
        Has(ReadingFields.Status) ? _status : DeviceStatus.Unknown);

    public readonly Instant LastAt => new(_at);

    /// <summary>Writes the next reading and passes it.</summary>
    /// <returns>How many bytes it took.</returns>
    public int Write(in Reading next, Span<byte> into)
    {
        long pace = unchecked(next.At.UnixMilliseconds - _at);
        long time = unchecked(pace - _pace);
        var bytes = new NumberWriter(into);
        if (!_begun || !FitsSteps(next) || time is <= -FarthestTime or >= FarthestTime)
        {
            WriteWhole(next, ref bytes);
            return bytes.Length;
        }

        bool same = next.Fields == _fields && (!next.HasStatus || next.Status == _status);
        bytes.Unsigned((NumberWriter.ZigZag(time) << KindBits) | (same ? Same : (uint)Others));
        (_at, _pace) = (next.At.UnixMilliseconds, pace);
        if (!same)
        {
            WriteWhat(next, ref bytes);
        }

        unchecked
        {
            if (next.HasPower)
            {
                long power = next.Power.Milliwatts / PowersOfTen[_powerZeros];
                bytes.Signed(power - _power);
                _power = power;
            }

            if (next.HasRegister)
            {
                long register = next.Register.MicrowattHours / PowersOfTen[_registerZeros];
                long registerPace = register - _register;
                bytes.Signed(registerPace - _registerPace);
                (_register, _registerPace) = (register, registerPace);
            }

            if (next.HasHashRate)
            {
                long hashRate = next.HashRate.MegahashesPerSecond / PowersOfTen[_hashRateZeros];
                bytes.Signed(hashRate - _hashRate);
                _hashRate = hashRate;
            }

            if (next.HasTemperature)
            {
                int temperature = (int)(next.Temperature.Millicelsius / PowersOfTen[_temperatureZeros]);
                bytes.Signed((long)temperature - _temperature);
                _temperature = temperature;
            }
        }

        return bytes.Length;
    }

    /// <summary>Reads the next reading and passes it.</summary>
    /// <param name="from">Its bytes, and whatever follows them.</param>
    /// <returns>How many bytes it took.</returns>
    public int Read(ReadOnlySpan<byte> from)
    {
        var bytes = new NumberReader(from);
        ulong head = bytes.Unsigned();
        int kind = (int)(head & ((1 << KindBits) - 1));
        if (kind == Whole)
        {
            ReadWhole(ref bytes);
            return bytes.Length;
        }

        unchecked
        {
            _pace += NumberReader.UnZigZag(head >> KindBits);
            _at += _pace;
            if (kind == Others)
            {
                ReadWhat(ref bytes);
            }

            if (Has(ReadingFields.Power))
            {
                _power += bytes.Signed();
            }

            if (Has(ReadingFields.Register))
            {
                _registerPace += bytes.Signed();
                _register += _registerPace;
            }

            if (Has(ReadingFields.HashRate))
            {
                _hashRate += bytes.Signed();
            }

            if (Has(ReadingFields.Temperature))
            {
                _temperature += (int)bytes.Signed();
            }
        }

        return bytes.Length;
    }

    private readonly bool Has(ReadingFields field) => (_fields & field) != 0;

    private readonly bool FitsSteps(in Reading next) =>
        next.Power.Milliwatts % PowersOfTen[_powerZeros] == 0
        && next.Register.MicrowattHours % PowersOfTen[_registerZeros] == 0
        && next.HashRate.MegahashesPerSecond % PowersOfTen[_hashRateZeros] == 0
        && next.Temperature.Millicelsius % PowersOfTen[_temperatureZeros] == 0;

    /// <summary>A field that is absent keeps its steps and its value: the next one is told from them.</summary>
    private void WriteWhole(in Reading next, ref NumberWriter bytes)
    {
        bytes.Byte(Whole);
        WriteWhat(next, ref bytes);
        (_at, _pace, _registerPace) = (next.At.UnixMilliseconds, 0, 0);
        bytes.Signed(_at);
        WriteValue(ref bytes, next.HasPower, next.Power.Milliwatts, ref _power, ref _powerZeros);
        WriteValue(ref bytes, next.HasRegister, next.Register.MicrowattHours, ref _register, ref _registerZeros);
        WriteValue(ref bytes, next.HasHashRate, next.HashRate.MegahashesPerSecond, ref _hashRate, ref _hashRateZeros);
        long temperature = _temperature;
        WriteValue(ref bytes, next.HasTemperature, next.Temperature.Millicelsius, ref temperature, ref _temperatureZeros);
        _temperature = (int)temperature;
        _begun = true;
    }

    private readonly void WriteValue(ref NumberWriter bytes, bool present, long value, ref long steps, ref byte zeros)
    {
        if (!present && _begun)
        {
            value = steps * PowersOfTen[zeros];
        }

        // Steps only ever get finer, or every round number would change them.
        int coarsest = _begun ? zeros : MostZeros;
        while (coarsest > 0 && value % PowersOfTen[coarsest] != 0)
        {
            coarsest--;
        }

        zeros = (byte)coarsest;
        steps = value / PowersOfTen[coarsest];
        bytes.Byte(zeros);
        bytes.Signed(steps);
    }

    private void ReadWhole(ref NumberReader bytes)
    {
        ReadWhat(ref bytes);
        (_at, _pace, _registerPace) = (bytes.Signed(), 0, 0);
        (_powerZeros, _power) = (bytes.Byte(), bytes.Signed());
        (_registerZeros, _register) = (bytes.Byte(), bytes.Signed());
        (_hashRateZeros, _hashRate) = (bytes.Byte(), bytes.Signed());
        (_temperatureZeros, _temperature) = (bytes.Byte(), (int)bytes.Signed());
        _begun = true;
    }

    private void WriteWhat(in Reading next, ref NumberWriter bytes)
    {
        _fields = next.Fields;
        _status = next.HasStatus ? next.Status : _status;
        bytes.Byte((byte)_fields);
        bytes.Byte((byte)_status);
    }

    private void ReadWhat(ref NumberReader bytes)
    {
        _fields = (ReadingFields)bytes.Byte();
        _status = (DeviceStatus)bytes.Byte();
    }
}
