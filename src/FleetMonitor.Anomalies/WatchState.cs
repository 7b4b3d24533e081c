using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

/// <summary>
/// Everything that a watch remembers of one device, as it is kept: new fields go at the end, so that an older, shorter record is read
/// with zeros there, and <see cref="Version"/> rises where a field changes its meaning.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct WatchState
{
    public const byte Version = 3;

    /// <summary>
    /// Words before the alarms that usually say the same as another word, which is not among them: what a device sends in one message is of one
    /// time, and what is learned of it is learned together.
    /// </summary>
    public static readonly (byte Word, byte SameAs)[] UsuallySame = FindUsuallySame();

    public Liveness Life;

    public Smooth Power;
    public Smooth Hash;
    public Smooth Temperature;

    public Baseline HashBaseline;
    public Baseline PowerBaseline;
    public Baseline TemperatureBaseline;
    public Baseline EfficiencyBaseline;

    /// <summary>J/TH, over an hour.</summary>
    public Smooth Efficiency;

    public Stuck Stuck;
    public ClockOffset Clock;
    public Alternation Alternation;

    /// <summary>Signs of two devices under one name: conflicts and falling registers, the first of the present run and how many.</summary>
    public Seconds DoublesSince;
    public ushort Doubles;

    /// <summary>The kind of the last register event, plus one; 0 before the first.</summary>
    public ushort RegisterKind;

    /// <summary>Highest smoothed power seen, in watts: stands in for a nameplate that nobody stated.</summary>
    public float PeakPower;

    /// <summary>When the device began to draw working power, after its first reading, a gap or idling.</summary>
    public Seconds RunStarted;

    public Seconds LearnedAt;

    /// <summary>Since when the hash rate has been well above its baseline, which then no longer describes it.</summary>
    public Seconds AboveSince;

    /// <summary>What the last register event went from and to, in kWh.</summary>
    public double RegisterBefore;
    public double RegisterAfter;

    public RegisterPace Pace;

    public AlarmSet Alarms;

    public PhaseBalance Phases;

    /// <summary>Newest time of which two readings disagreed.</summary>
    public Seconds ConflictAt;

    /// <summary>Newest register event heard: what is metered again is told again, and is no news.</summary>
    public Seconds RegisterThrough;

    public SetBack SetBack;

    private static (byte Word, byte SameAs)[] FindUsuallySame()
    {
        var state = default(WatchState);
        ref WatchState start = ref state;
        byte newest = WordOf(ref start, ref state.Life.Newest);
        byte learned = WordOf(ref start, ref state.HashBaseline.Learned);
        byte power = WordOf(ref start, ref state.Power.Last);
        return
        [
            (WordOf(ref start, ref state.Life.Live), newest),
            (WordOf(ref start, ref state.Life.Heard), newest),
            (WordOf(ref start, ref state.Power.At), newest),
            (WordOf(ref start, ref state.Hash.At), newest),
            (WordOf(ref start, ref state.Temperature.At), newest),
            (WordOf(ref start, ref state.Efficiency.At), newest),
            (WordOf(ref start, ref state.Stuck.Since), newest),
            (WordOf(ref start, ref state.LearnedAt), newest),
            (WordOf(ref start, ref state.Pace.Moved), newest),
            (WordOf(ref start, ref state.PowerBaseline.Learned), learned),
            (WordOf(ref start, ref state.TemperatureBaseline.Learned), learned),
            (WordOf(ref start, ref state.EfficiencyBaseline.Learned), learned),
            (WordOf(ref start, ref state.Alternation.Last), power),
        ];
    }

    private static byte WordOf<T>(ref WatchState start, ref T field) =>
        checked((byte)(Unsafe.ByteOffset(ref Unsafe.As<WatchState, byte>(ref start), ref Unsafe.As<T, byte>(ref field)) / sizeof(uint)));
}
