namespace FleetMonitor.Levy;

/// <summary>Every decision that a return's money rests on, with who and why, and the document that it is filed by.</summary>
public static class DecisionTable
{
    public static Table Of(TaxReturn filed)
    {
        IEnumerable<(string Document, string Code, IReadOnlyList<Decision> Decisions)> lines =
        [
            .. filed.Statement.Lines.Select(line => (StatementTables.DocumentOf(filed.Statement), line.Code, line.Decisions)),
            .. filed.Amendments.Append(filed.Pending).OfType<Amendment>().SelectMany(amendment => amendment.Lines
                .Select(line => (StatementTables.DocumentOf(amendment), line.Code, line.Decisions))),
        ];
        return new Table(
            "decisions",
            new BilingualText("Decisions", "Решения"),
            [
                new("document", "Document", "Документ"),
                new("code", "Line", "Строка"),
                new("posting", "Posting", "Запись журнала"),
                new("booked", "Booked", "Дата записи"),
                new("day", "For the day", "За день"),
                new("period", "Tax period", "Налоговый период"),
                new("device", "Device", "Устройство"),
                new("energyKwh", "Energy, kWh", "Энергия, кВт·ч"),
                new("amount", "Amount", "Сумма"),
                new("currency", "Currency", "Валюта"),
                new("by", "By", "Кто"),
                new("reason", "Reason", "Причина"),
            ],
            [
                .. lines.SelectMany(line => line.Decisions.Select(decision => (Cell[])
                [
                    line.Document, line.Code, decision.Posting, StatementTables.BookedOn(decision.BookedAt, filed.Statement), decision.Day,
                    TaxPeriod.Of(decision.Day).ToString(), decision.Device, decision.Energy.KilowattHours, decision.Amount?.Amount,
                    decision.Amount?.Currency, decision.By, decision.Reason,
                ])),
            ]);
    }
}
