namespace FleetMonitor.Mqtt.Client;

/// <summary>
/// Says how long to let messages gather before the next read, so that a busy connection is read ten times a second and not once a
/// message. Only ever after a read that brought messages: the first one after a silence is never kept waiting.
/// </summary>
/// <remarks>
/// A server that lets only so many messages be under way (brokers of 3.1.1 do: 20 or 32, as a rule) waits for our answers, and pausing would
/// slow it down. It gives itself away: it brings the same number however long the pause was. Where some pauses brought the same, one of half
/// the length tells it from rigs that report evenly; then nothing is paused for a while.
/// </remarks>
internal struct ReadPacer
{
    public const double None = 0;
    public const double Half = 0.5;
    public const double Whole = 1;

    private const int TellingRepeats = 4;
    private const int ReadsUnpaused = 1_000;

    private int _last;
    private int _repeats;
    private int _unpaused;

    /// <param name="messages">What the read brought.</param>
    /// <param name="leftMore">It did not take all that there was.</param>
    /// <returns>The share of a pause to make.</returns>
    public double PauseAfter(int messages, bool leftMore)
    {
        if (messages == 0 || leftMore)
        {
            return None;
        }

        if (_unpaused > 0)
        {
            _unpaused--;
            return None;
        }

        _repeats = messages == _last ? _repeats + 1 : 0;
        _last = messages;
        switch (_repeats)
        {
            case < TellingRepeats:
                return Whole;
            case TellingRepeats:
                return Half;
            default:
                (_repeats, _unpaused) = (0, ReadsUnpaused);
                return None;
        }
    }
}
