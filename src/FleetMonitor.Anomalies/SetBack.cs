using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

/// <summary>
/// A clock that was set back: readings go on from a time that was reported already, and metering, which takes them in time order, finds what the
/// device says now among what it said then. What contradicts itself there is the clock's doing. Two devices under one name look alike at first,
/// but go from one time to the other and back with every other reading; and a backlog does not keep pace with the time.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct SetBack
{
    /// <summary>What one that lies first behind adds to <see cref="_often"/>: a sixteenth.</summary>
    private const int Once = 16;

    /// <summary>One that is set back with more than an eighth of its readings is not one clock.</summary>
    private const int Interleaved = 2 * Once;

    private const double LeastPace = 2;
    private const int FirstReadings = 4;

    /// <summary>Newest time reported before the clock was set: up to here, now meets then.</summary>
    private Seconds _until;

    /// <summary>The clock's offset before, in seconds.</summary>
    private Half _before;

    /// <summary>What share of readings, lately, was the first of those that lie behind; of 256.</summary>
    private byte _often;

    /// <summary>How many of those that lie behind kept pace with the time.</summary>
    private byte _inPace;

    /// <param name="life">Before it has heard this reading.</param>
    /// <param name="offset">Our clock less the device's at this reading, in seconds.</param>
    /// <param name="lastOffset">And at the reading that came before it.</param>
    public void Take(Seconds at, in Liveness life, double offset, double lastOffset)
    {
        bool behind = life.IsBehind(at);
        bool begins = behind && life.Behind == 0;
        _often = (byte)(begins
            ? Math.Min(_often - (_often / Once) + Once, byte.MaxValue)
            : Math.Max(_often - Math.Max(1, _often / Once), 0));
        double pace = Math.Max(LeastPace, life.Interval / 2);
        if (begins)
        {
            _until = life.Newest > _until ? life.Newest : _until;
            _before = (Half)lastOffset;
            _inPace = 0;
        }
        else if (behind)
        {
            _inPace += (byte)(_inPace < byte.MaxValue && Math.Abs(offset - lastOffset) < pace ? 1 : 0);
        }
        else if (life.Behind > 0)
        {
            // A message that was late, or a backlog, is no clock that was set.
            bool late = life.Behind == 1 && Math.Abs(offset - (double)_before) < pace;
            _until = late || !IsInPace(life) ? Seconds.Never : at;
            (_before, _inPace) = (default, 0);
        }
    }

    /// <summary>Readings come that are older than others were, and one after the other as time passes.</summary>
    public readonly bool IsUnderWay(in Liveness life) => life.Behind > 0 && IsOneClock(life);

    /// <summary>Whether what happened at that time can be now meeting then.</summary>
    public readonly bool Explains(Seconds at, in Liveness life) => at <= _until && IsOneClock(life);

    private readonly bool IsOneClock(in Liveness life) => _often < Interleaved && (life.Behind == 0 || IsInPace(life));

    private readonly bool IsInPace(in Liveness life) => 2 * _inPace >= Math.Min((int)life.Behind, byte.MaxValue) - FirstReadings;
}
