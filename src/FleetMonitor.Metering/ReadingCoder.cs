using System.Numerics;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>
/// Packs readings of one device, one after the other, and unpacks them again exactly. A field is written as its difference to the one before
/// (time and register: to the usual pace), in steps of the power of ten that all values so far are multiples of, in as many bits as such
/// differences usually take: four bytes for a usual reading of four fields.
/// <code>
///   same fields and status     1 · differences
///   others                     01 · fields · status · differences
///   first here, or finer steps 001 · fields · status · steps · scatters · time · values · paces
///   no more in this place      000
/// </code>
/// The value is a place in the stream: what was passed last, from which the next is told.
/// </summary>
internal struct ReadingCoder
{
    /// <summary>No reading takes more bits: written whole, with numbers of 64 bits but for its temperature and its paces.</summary>
    public const int Longest =
        KindBits + (2 * 8) + (4 * FinenessBits) + (5 * 8) + (4 * (BitReader.LengthBits + 64)) + (3 * (BitReader.LengthBits + 32));

    /// <summary>So many zeros say that no reading follows.</summary>
    public const int KindBits = 3;

    private const int Same = 0;
    private const int Others = 1;
    private const int Whole = 2;
    private const int FinenessBits = 4;

    /// <summary>By fineness.</summary>
    private static readonly long[] Steps = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    private long _at;

    // In steps.
    private long _power;
    private long _register;
    private long _hashRate;
    private int _temperature;
    private Pace _pace;
    private Pace _registerPace;

    private byte _powerFineness;
    private byte _registerFineness;
    private byte _hashRateFineness;
    private byte _temperatureFineness;
    private Scatter _timeScatter;
    private Scatter _powerScatter;
    private Scatter _registerScatter;
    private Scatter _hashRateScatter;
    private Scatter _temperatureScatter;
    private ReadingFields _fields;
    private DeviceStatus _status;
    private bool _begun;

    /// <summary>The reading passed last.</summary>
    public readonly Reading Last => new(
        new Instant(_at),
        _fields,
        new Power(Has(ReadingFields.Power) ? _power * Steps[_powerFineness] : 0),
        new Energy(Has(ReadingFields.Register) ? _register * Steps[_registerFineness] : 0),
        new HashRate(Has(ReadingFields.HashRate) ? _hashRate * Steps[_hashRateFineness] : 0),
        new Temperature(Has(ReadingFields.Temperature) ? (int)(_temperature * Steps[_temperatureFineness]) : 0),
        Has(ReadingFields.Status) ? _status : DeviceStatus.Unknown);

    public readonly Instant LastAt => new(_at);

    /// <summary>A place before the first reading, for readings like those so far.</summary>
    public readonly ReadingCoder Anew() => new()
    {
        _powerFineness = _powerFineness,
        _registerFineness = _registerFineness,
        _hashRateFineness = _hashRateFineness,
        _temperatureFineness = _temperatureFineness,
        _timeScatter = _timeScatter,
        _powerScatter = _powerScatter,
        _registerScatter = _registerScatter,
        _hashRateScatter = _hashRateScatter,
        _temperatureScatter = _temperatureScatter,
    };

    /// <summary>Writes the next reading and passes it.</summary>
    public void Write(in Reading next, ref BitWriter bits)
    {
        if (!_begun
            || !InSteps(next.HasPower ? next.Power.Milliwatts : 0, _powerFineness, out long power)
            || !InSteps(next.HasRegister ? next.Register.MicrowattHours : 0, _registerFineness, out long register)
            || !InSteps(next.HasHashRate ? next.HashRate.MegahashesPerSecond : 0, _hashRateFineness, out long hashRate)
            || !InSteps(next.HasTemperature ? next.Temperature.Millicelsius : 0, _temperatureFineness, out long temperature))
        {
            WriteWhole(next, ref bits);
            return;
        }

        if (next.Fields == _fields && (!next.HasStatus || next.Status == _status))
        {
            WriteKind(Same, ref bits);
        }
        else
        {
            (_fields, _status) = (next.Fields, next.HasStatus ? next.Status : _status);
            WriteKind(Others, ref bits);
            WriteWhat(ref bits);
        }

        unchecked
        {
            bits.Residual(_pace.Pass(next.At.UnixMilliseconds - _at), ref _timeScatter);
            _at = next.At.UnixMilliseconds;
            if (next.HasPower)
            {
                bits.Residual(power - _power, ref _powerScatter);
                _power = power;
            }

            if (next.HasRegister)
            {
                bits.Residual(_registerPace.Pass(register - _register), ref _registerScatter);
                _register = register;
            }

            if (next.HasHashRate)
            {
                bits.Residual(hashRate - _hashRate, ref _hashRateScatter);
                _hashRate = hashRate;
            }

            if (next.HasTemperature)
            {
                bits.Residual(temperature - _temperature, ref _temperatureScatter);
                _temperature = (int)temperature;
            }
        }
    }

    /// <summary>Reads the next reading and passes it.</summary>
    /// <returns>False where no reading follows in this place.</returns>
    public bool TryRead(ref BitReader bits)
    {
        int kind = BitOperations.TrailingZeroCount(bits.Ahead);
        if (kind >= KindBits)
        {
            return false;
        }

        bits.Pass(kind + 1);
        if (kind != Same)
        {
            ReadWhat(ref bits);
        }

        if (kind == Whole)
        {
            ReadWhole(ref bits);
            return true;
        }

        unchecked
        {
            _at += _pace.PassBack(bits.Residual(ref _timeScatter));
            if (Has(ReadingFields.Power))
            {
                _power += bits.Residual(ref _powerScatter);
            }

            if (Has(ReadingFields.Register))
            {
                _register += _registerPace.PassBack(bits.Residual(ref _registerScatter));
            }

            if (Has(ReadingFields.HashRate))
            {
                _hashRate += bits.Residual(ref _hashRateScatter);
            }

            if (Has(ReadingFields.Temperature))
            {
                _temperature += (int)bits.Residual(ref _temperatureScatter);
            }
        }

        return true;
    }

    private readonly bool Has(ReadingFields field) => (_fields & field) != 0;

    /// <summary>False where the steps are too coarse for the value.</summary>
    private static bool InSteps(long value, byte fineness, out long steps)
    {
        long step = Steps[fineness];
        steps = value / step;
        return steps * step == value;
    }

    /// <summary>A field that is absent keeps its steps and its value: the next one is told from them.</summary>
    private void WriteWhole(in Reading next, ref BitWriter bits)
    {
        Refine(next.HasPower, next.Power.Milliwatts, ref _power, ref _powerFineness);
        Refine(next.HasRegister, next.Register.MicrowattHours, ref _register, ref _registerFineness);
        Refine(next.HasHashRate, next.HashRate.MegahashesPerSecond, ref _hashRate, ref _hashRateFineness);
        long temperature = _temperature;
        Refine(next.HasTemperature, next.Temperature.Millicelsius, ref temperature, ref _temperatureFineness);
        (_temperature, _at, _pace, _registerPace, _begun) = ((int)temperature, next.At.UnixMilliseconds, default, default, true);

        (_fields, _status) = (next.Fields, next.HasStatus ? next.Status : _status);
        WriteAnew(ref bits);
    }

    /// <summary>
    /// Writes the reading passed last as the first of another place. Everything that later ones are told by goes with it, and the same reading after
    /// the same is always the same bits: what follows comes out as it stands where it was passed.
    /// </summary>
    public readonly void WriteAnew(ref BitWriter bits)
    {
        WriteKind(Whole, ref bits);
        WriteWhat(ref bits);
        bits.Bits(_powerFineness, FinenessBits);
        bits.Bits(_registerFineness, FinenessBits);
        bits.Bits(_hashRateFineness, FinenessBits);
        bits.Bits(_temperatureFineness, FinenessBits);
        bits.Bits(_timeScatter.ToByte(), 8);
        bits.Bits(_powerScatter.ToByte(), 8);
        bits.Bits(_registerScatter.ToByte(), 8);
        bits.Bits(_hashRateScatter.ToByte(), 8);
        bits.Bits(_temperatureScatter.ToByte(), 8);
        bits.Number(_at);
        bits.Number(_power);
        bits.Number(_register);
        bits.Number(_hashRate);
        bits.Number(_temperature);
        bits.Number(_pace.Eighths);
        bits.Number(_registerPace.Eighths);
    }

    private void ReadWhole(ref BitReader bits)
    {
        _powerFineness = (byte)bits.Bits(FinenessBits);
        _registerFineness = (byte)bits.Bits(FinenessBits);
        _hashRateFineness = (byte)bits.Bits(FinenessBits);
        _temperatureFineness = (byte)bits.Bits(FinenessBits);
        _timeScatter = Scatter.FromByte((byte)bits.Bits(8));
        _powerScatter = Scatter.FromByte((byte)bits.Bits(8));
        _registerScatter = Scatter.FromByte((byte)bits.Bits(8));
        _hashRateScatter = Scatter.FromByte((byte)bits.Bits(8));
        _temperatureScatter = Scatter.FromByte((byte)bits.Bits(8));
        _at = bits.Number();
        _power = bits.Number();
        _register = bits.Number();
        _hashRate = bits.Number();
        _temperature = (int)bits.Number();
        (_pace, _registerPace, _begun) = (new Pace((int)bits.Number()), new Pace((int)bits.Number()), true);
    }

    /// <summary>Steps only ever get finer, or every round number would change them.</summary>
    private static void Refine(bool present, long value, ref long steps, ref byte fineness)
    {
        value = present ? value : steps * Steps[fineness];
        while (!InSteps(value, fineness, out steps))
        {
            fineness++;
        }
    }

    private static void WriteKind(int kind, ref BitWriter bits) => bits.Bits(1UL << kind, kind + 1);

    private readonly void WriteWhat(ref BitWriter bits)
    {
        bits.Bits((byte)_fields, 8);
        bits.Bits((byte)_status, 8);
    }

    private void ReadWhat(ref BitReader bits)
    {
        _fields = (ReadingFields)bits.Bits(8);
        _status = (DeviceStatus)bits.Bits(8);
    }

    /// <summary>
    /// By how much something usually grows from one reading to the next: a mean over the last few, in eighths. One that does not fit is a bad
    /// prediction, and nothing worse.
    /// </summary>
    private struct Pace(int eighths)
    {
        private const int Memory = 8;

        private int _eighths = eighths;

        /// <summary>Everything about it.</summary>
        public readonly int Eighths => _eighths;

        /// <summary>Takes by how much it grew.</summary>
        /// <returns>How much more that is than was to be expected.</returns>
        public long Pass(long growth)
        {
            long more = unchecked(growth - (_eighths / Memory));
            Learn(growth);
            return more;
        }

        /// <summary>Takes how much more it grew than was to be expected.</summary>
        /// <returns>By how much it grew.</returns>
        public long PassBack(long more)
        {
            long growth = unchecked(more + (_eighths / Memory));
            Learn(growth);
            return growth;
        }

        private void Learn(long growth) => _eighths = unchecked((int)(_eighths == 0 ? growth * Memory : _eighths + growth - (_eighths / Memory)));
    }
}
