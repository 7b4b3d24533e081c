using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>Walks a stretch of an interval from local midnight to local midnight: the only split there is (S9).</summary>
internal ref struct DayPieces
{
    private readonly Apportion _shape;
    private readonly DayCalendar _days;
    private readonly Instant _start;
    private readonly Instant _to;
    private Instant _at;
    private DateOnly _day;
    private long _upTo;

    /// <param name="shape">The energy of the whole interval, which begins at <paramref name="start"/>.</param>
    public DayPieces(Apportion shape, Instant start, Instant from, Instant to, DayCalendar days)
    {
        _shape = shape;
        _days = days;
        _start = start;
        _to = to;
        _at = from;
        _day = days.DateOf(from);
        _upTo = shape.UpTo(from.UnixMilliseconds - start.UnixMilliseconds);
    }

    public bool Next(out DateOnly day, out Energy energy)
    {
        day = _day;
        if (_at >= _to)
        {
            energy = Energy.Zero;
            return false;
        }

        Instant midnight = _days.StartOf(_day.AddDays(1));
        _at = midnight < _to ? midnight : _to;
        long upTo = _shape.UpTo(_at.UnixMilliseconds - _start.UnixMilliseconds);
        energy = new Energy(upTo - _upTo);
        _upTo = upTo;
        _day = _day.AddDays(1);
        return true;
    }
}
