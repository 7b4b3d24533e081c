namespace FleetMonitor.Anomalies.Series;

/// <summary>What the hour of the day, or of the week, is worth: one robust mean an hour, with straight lines between hours.</summary>
internal sealed class Season(int hours)
{
    private const double ClipDeviations = 4;
    private const double Visits = 6;

    private readonly double[] _mean = new double[hours];
    private readonly float[] _rows = new float[hours];

    /// <summary>Null where the hours around this time have not been seen yet.</summary>
    public double? At(double seconds)
    {
        (int left, int right, double share) = Locate(seconds);
        if (_rows[left] == 0 || _rows[right] == 0)
        {
            return null;
        }

        return (_mean[left] * (1 - share)) + (_mean[right] * share);
    }

    /// <param name="value">The value less the level of the series, so that a shift of the whole is not a season.</param>
    /// <param name="rowsPerHour">How many rows make one visit to an hour.</param>
    /// <param name="deviation">Mean deviation of the series from its season; 0 where it is not known.</param>
    public void Learn(double seconds, double value, double rowsPerHour, double deviation)
    {
        (int left, int right, double share) = Locate(seconds);
        Learn(left, value, 1 - share, rowsPerHour, deviation);
        Learn(right, value, share, rowsPerHour, deviation);
    }

    private void Learn(int hour, double value, double share, double rowsPerHour, double deviation)
    {
        double most = Math.Max(1, Visits * rowsPerHour);
        _rows[hour] = (float)Math.Min(_rows[hour] + share, most);
        if (_rows[hour] <= share)
        {
            _mean[hour] = value;
            return;
        }

        double residual = value - _mean[hour];
        if (deviation > 0 && _rows[hour] > 1.5 * rowsPerHour)
        {
            residual = Math.Clamp(residual, -ClipDeviations * deviation, ClipDeviations * deviation);
        }

        _mean[hour] += residual * Math.Min(1, share / _rows[hour]);
    }

    private (int Left, int Right, double Share) Locate(double seconds)
    {
        double hour = (seconds / 3600) - 0.5;
        double floor = Math.Floor(hour);
        int left = (int)(((long)floor % hours + hours) % hours);
        return (left, (left + 1) % hours, hour - floor);
    }
}
