namespace FleetMonitor.Service.Simulator;

/// <summary>
/// The power that one rig draws while nothing is wrong: a pure function of time, constant within each 100 ms step of Unix time.
/// <para>
/// A whole second has a level: the rig's own power, times a setting that jumps by a few per cent every quarter of an hour, plus a drift
/// that wanders within 1 %, times the share of a mode that now and then winds down to idle in 20 s and spools up again in 60 s. Onto the
/// level each step adds its own noise, evenly spread over ±1 % of it.
/// </para>
/// <para>
/// The ten noises of a second are ten 6-bit lanes of one random word, so that a second's energy takes one addition across lanes and still
/// is exactly the sum of its ten steps. All arithmetic is on integers: milliwatts, and milliwatts times milliseconds.
/// </para>
/// </summary>
internal readonly struct PowerSignal
{
    public const int StepMilliseconds = 100;

    private const int StepsPerSecond = 10;
    private const int Million = 1_000_000;
    private const int IdleShare = 20_000;
    private const int SettingSeconds = 900;
    private const int DriftSeconds = 300;
    private const int ModeSeconds = 1_800;
    private const int WindDownSeconds = 20;
    private const int SpoolUpSeconds = 60;

    private readonly ulong _noiseSeed;
    private readonly ulong _settingSeed;
    private readonly ulong _driftSeed;
    private readonly ulong _modeSeed;

    public PowerSignal(ulong seed, long milliwatts)
    {
        BaseMilliwatts = milliwatts;
        _noiseSeed = Mix.At(seed, 0);
        _settingSeed = Mix.At(seed, 1);
        _driftSeed = Mix.At(seed, 2);
        _modeSeed = Mix.At(seed, 3);
    }

    /// <summary>What this very rig draws on average while it mines, in mW.</summary>
    public long BaseMilliwatts { get; }

    /// <summary>The power within one 100 ms step (number of steps since 1970), in mW.</summary>
    public long MilliwattsAt(long step)
    {
        long second = step / StepsPerSecond;
        long level = LevelAt(second);
        return level + Noise(level, Mix.At(_noiseSeed, second), (int)(step % StepsPerSecond));
    }

    /// <summary>The exact integral over <c>from ≤ t &lt; to</c> (Unix milliseconds), in mW · ms.</summary>
    public long Integrate(long from, long to)
    {
        long sum = 0;
        while (from < to)
        {
            long second = from / 1000;
            long end = Math.Min((second + 1) * 1000, to);
            sum += end - from == 1000 ? WholeSecond(second) : WithinSecond(second, from, end);
            from = end;
        }

        return sum;
    }

    /// <summary>How much of its full power the mode leaves the rig, in millionths: 1,000,000 while it mines.</summary>
    public int ShareAt(long second)
    {
        ulong word = Mix.At(_modeSeed, second / ModeSeconds);
        if (word % 48 != 0)
        {
            return Million;
        }

        int start = 60 + (int)((word >> 8) % 1000);
        int idle = 60 + (int)((word >> 24) % 500);
        int into = (int)(second % ModeSeconds) - start;
        if (into < 0)
        {
            return Million;
        }

        if (into < WindDownSeconds)
        {
            return Million - ((Million - IdleShare) / WindDownSeconds * into);
        }

        into -= WindDownSeconds + idle;
        if (into < 0)
        {
            return IdleShare;
        }

        return into < SpoolUpSeconds ? IdleShare + ((Million - IdleShare) / SpoolUpSeconds * into) : Million;
    }

    /// <summary>Setting and drift together, in millionths of the rig's own power.</summary>
    public int TuningAt(long second)
    {
        int setting = 970 + (int)(Mix.At(_settingSeed, second / SettingSeconds) % 61);
        long knot = second / DriftSeconds;
        int before = DriftKnot(knot);
        int after = DriftKnot(knot + 1);
        int drift = before + ((after - before) * (int)(second % DriftSeconds) / DriftSeconds);
        return (setting * 1000) + drift;
    }

    private int DriftKnot(long knot) => (int)(Mix.At(_driftSeed, knot) % 20_001) - 10_000;

    private long LevelAt(long second) => BaseMilliwatts * TuningAt(second) / Million * ShareAt(second) / Million;

    // A lane of 0..63 becomes an odd number of −63..63, so that the noise has no bias: 63 / 6300 is the 1 %.
    private static long Noise(long level, ulong word, int step) => NoiseUnit(level) * ((2 * (long)((word >> (6 * step)) & 63)) - 63);

    private static long NoiseUnit(long level) => level / 6300;

    private long WholeSecond(long second)
    {
        const ulong evenLanes = 0x03F_03F_03F_03F_03F;
        const ulong addFive = 0x001_001_001_001_001;
        ulong word = Mix.At(_noiseSeed, second);
        ulong pairs = (word & evenLanes) + ((word >> 6) & evenLanes);
        long lanes = (long)((pairs * addFive) >> 48) & 0xFFF;
        long level = LevelAt(second);
        return (level * 1000) + (NoiseUnit(level) * ((2 * lanes) - (63 * StepsPerSecond)) * StepMilliseconds);
    }

    private long WithinSecond(long second, long from, long to)
    {
        long level = LevelAt(second);
        ulong word = Mix.At(_noiseSeed, second);
        long sum = level * (to - from);
        while (from < to)
        {
            long step = from / StepMilliseconds;
            long end = Math.Min((step + 1) * StepMilliseconds, to);
            sum += Noise(level, word, (int)(step % StepsPerSecond)) * (end - from);
            from = end;
        }

        return sum;
    }
}
