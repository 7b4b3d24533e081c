namespace FleetMonitor.Levy;

/// <summary>One typed cell; all absent is an empty one.</summary>
public readonly record struct Cell(string? Text = null, decimal? Number = null, DateOnly? Date = null)
{
    public static implicit operator Cell(string? text) => new(Text: text);

    public static implicit operator Cell(decimal? number) => new(Number: number);

    public static implicit operator Cell(decimal number) => new(Number: number);

    public static implicit operator Cell(DateOnly? date) => new(Date: date);

    public static implicit operator Cell(DateOnly date) => new(Date: date);
}

/// <summary>A column: its name for programs, and in the two languages for people.</summary>
public sealed record Column(string Key, string En, string Ru);

/// <summary>What all exports print, each in its own form. Every row has a cell per column.</summary>
/// <param name="Key">The table's name for programs; at most 31 characters, as a spreadsheet's sheet allows.</param>
public sealed record Table(string Key, BilingualText Title, IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows)
{
    /// <summary>RFC 4180, with the columns' keys as heading; text cells are safe to open in a spreadsheet.</summary>
    public void WriteCsv(TextWriter output)
    {
        var csv = new CsvWriter(output);
        foreach (Column column in Columns)
        {
            csv.Text(column.Key);
        }

        csv.EndRow();
        foreach (IReadOnlyList<Cell> row in Rows)
        {
            foreach (Cell cell in row)
            {
                csv.Cell(cell);
            }

            csv.EndRow();
        }
    }
}
