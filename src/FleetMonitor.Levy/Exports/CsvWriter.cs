using System.Globalization;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>
/// Writes RFC 4180. A text that a spreadsheet would run as a formula gets a leading apostrophe; numbers are written bare, so that they
/// stay numbers, also negative ones.
/// </summary>
public sealed class CsvWriter(TextWriter output)
{
    private bool _inRow;

    public CsvWriter Text(string? text)
    {
        Separate();
        string cell = Safe(text ?? string.Empty);
        if (cell.AsSpan().IndexOfAny(",\"\r\n") < 0)
        {
            output.Write(cell);
        }
        else
        {
            output.Write('"');
            output.Write(cell.Replace("\"", "\"\"", StringComparison.Ordinal));
            output.Write('"');
        }

        return this;
    }

    public CsvWriter Number(decimal? value)
    {
        Separate();
        if (value is { } number)
        {
            output.Write(Money.Text(number));
        }

        return this;
    }

    internal CsvWriter Cell(Cell cell) =>
        cell.Number is not null ? Number(cell.Number) : Text(cell.Date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? cell.Text);

    public void EndRow()
    {
        output.Write("\r\n");
        _inRow = false;
    }

    // Full-width forms too: some spreadsheets fold them to the plain ones before they look.
    private static string Safe(string text) => text.Length > 0 && "=+-@\t\r\n＝＋－＠".Contains(text[0]) ? "'" + text : text;

    private void Separate()
    {
        if (_inRow)
        {
            output.Write(',');
        }

        _inRow = true;
    }
}
