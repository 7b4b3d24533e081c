namespace FleetMonitor.Anomalies.Series;

/// <summary>
/// What the series did one period ago, whatever its period is: for each lag an average of how far the series has lately been from itself that
/// many rows before (average magnitude difference), with the nearest lag as the period. It sees duty cycles and batch jobs that no clock explains.
/// </summary>
internal sealed class Echo
{
    private const int Lags = 1024;
    private const int LeastLag = 12;
    private const int Echoes = 3;

    /// <summary>In rows: how much of the past says which lag it is.</summary>
    private const double Memory = 200;

    /// <summary>A lag is left for another only where that is clearly nearer.</summary>
    private const double Nearer = 0.9;

    private readonly double[] _values = new double[Lags];
    private readonly float[] _distance = new float[Lags];
    private long _rows;
    private int _lag;

    /// <summary>The value to expect next; null before there is a past to look at.</summary>
    public double? Next
    {
        get
        {
            if (_lag == 0)
            {
                return null;
            }

            Span<double> echoes = stackalloc double[Echoes];
            int count = 0;
            for (long back = _lag; count < Echoes && back <= Math.Min(_rows, Lags); back += _lag)
            {
                echoes[count++] = At(_rows - back);
            }

            echoes[..count].Sort();
            return count == 0 ? null : count == 2 ? (echoes[0] + echoes[1]) / 2 : echoes[count / 2];
        }
    }

    public void Learn(double value)
    {
        int known = (int)Math.Min(_rows, Lags - 1);
        int best = 0;
        for (int lag = LeastLag; lag <= known; lag++)
        {
            double weight = 1 / Math.Min(_rows - lag + 1.0, Memory);
            _distance[lag] += (float)(weight * (Math.Abs(value - At(_rows - lag)) - _distance[lag]));
            if (_rows >= 2L * lag && (best == 0 || _distance[lag] < _distance[best]))
            {
                best = lag;
            }
        }

        if (best > 0 && (_lag == 0 || _distance[best] < Nearer * _distance[_lag]))
        {
            _lag = best;
        }

        _values[_rows++ % Lags] = value;
    }

    private double At(long row) => _values[row % Lags];
}
