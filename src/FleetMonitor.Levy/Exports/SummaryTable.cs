using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>What stands at the head of a return: a name and a value a row.</summary>
public static class SummaryTable
{
    public static Table Of(TaxReturn filed)
    {
        Statement statement = filed.Statement;
        PeriodEnergy energy = filed.Sums;
        var rows = new List<IReadOnlyList<Cell>>();
        Add("payer", "Payer", "Плательщик", statement.Payer?.Name);
        Add("bin", "Business id (BIN)", "БИН", statement.Payer?.Bin);
        Add("site", "Site", "Площадка", statement.SiteName is { } name ? $"{statement.Site} ({name})" : statement.Site);
        Add("timeZone", "Time zone", "Часовой пояс", statement.TimeZone);
        Add("basis", "Counted on", "Учёт по", FleetNames.Bases.NameOf(statement.Basis));
        Add("period", "Tax period", "Налоговый период", statement.Period.ToString());
        Add("declarationBy", "Declaration by", "Декларация до", statement.Deadlines?.Declaration);
        Add("paymentBy", "Payment by", "Уплата до", statement.Deadlines?.Payment);
        Add("energyKwh", "Energy, kWh", "Энергия, кВт·ч", energy.Energy.Total.KilowattHours);
        if (energy.ByHand is { } byHand)
        {
            Add("manualKwh", "of it entered by hand, kWh", "из неё внесено вручную, кВт·ч", byHand.KilowattHours);
        }

        Add("estimatedShare", "Estimated share", "Доля оценки", energy.EstimatedShare);
        Add("unratedKwh", "Energy without a known rate, kWh", "Энергия без известной ставки, кВт·ч", energy.Unrated.Total.KilowattHours);
        foreach ((string charge, Money amount) in filed.Amounts)
        {
            Add("amount:" + charge, $"To pay, {amount.Currency} ({charge})", $"К уплате, {amount.Currency} ({charge})", amount.Amount);
        }

        if (filed.Amendments.Count > 0)
        {
            AddDocuments(filed);
        }

        if (filed.Pending is { } pending)
        {
            Add(
                "pendingKwh",
                "NOT FILED, in no sum above: difference, kWh",
                "НЕ ПРЕДСТАВЛЕНО, в суммы выше не входит: разница, кВт·ч",
                pending.Lines.Aggregate(Energy.Zero, (sum, line) => sum + line.EnergyDifference.Total).KilowattHours);
        }

        foreach ((string charge, Money amount) in filed.Pending?.Differences ?? [])
        {
            Add(
                "pending:" + charge,
                $"NOT FILED, in no sum above: difference, {amount.Currency} ({charge})",
                $"НЕ ПРЕДСТАВЛЕНО, в суммы выше не входит: разница, {amount.Currency} ({charge})",
                amount.Amount);
        }

        Add("unconfirmed", "Unconfirmed facts", "Неподтверждённые сведения", string.Join(", ", statement.Unconfirmed));
        if (statement.Exposure is { } exposure)
        {
            Add(
                "deemedExposure",
                $"Exposure to a deemed volume, {exposure.Amount.Currency} ({exposure.LegalRef}; shown, not charged)",
                $"Риск по расчётному объёму, {exposure.Amount.Currency} ({exposure.LegalRef}; справочно, не начислено)",
                exposure.Amount.Amount);
        }

        Add("gaps", "Gaps in readings", "Пропуски показаний", statement.Gaps.Count);
        Add("postings", "Postings", "Записей в журнале", statement.Head.Count);
        Add("headHash", "Hash of the last posting", "Хеш последней записи", statement.Head.Hash);
        Add("scheduleHash", "Hash of the rate schedule", "Хеш файла ставок", statement.ScheduleHash);
        Add("fleetHash", "Hash of the fleet file", "Хеш файла площадок", statement.FleetHash);
        Add("closedBy", "Closed by", "Закрыл(а)", statement.Closing?.By);
        Add("closedAt", "Closed at", "Закрыто", statement.Closing?.At.ToString());
        Add("hash", "SHA-256 of the statement", "SHA-256 отчёта", StatementJson.HashOf(statement));
        return new Table(
            "summary",
            new BilingualText("Statement of the levy on digital mining", "Отчёт по плате за цифровой майнинг"),
            [new("key", "Key", "Ключ"), new("name", "Name", "Показатель"), new("value", "Value", "Значение")],
            rows);

        void Add(string key, string en, string ru, Cell value) => rows.Add([key, $"{ru} / {en}", value]);

        // What the sum above is made of: the figure first filed, and what each amended return changed.
        void AddDocuments(TaxReturn amended)
        {
            foreach ((string charge, Money amount) in amended.Statement.Amounts)
            {
                Add(
                    $"filed:{charge}",
                    $"of it first filed, {amount.Currency} ({charge})",
                    $"из суммы представлено первоначально, {amount.Currency} ({charge})",
                    amount.Amount);
            }

            foreach (Amendment amendment in amended.Amendments)
            {
                string document = StatementTables.DocumentOf(amendment);
                foreach ((string charge, Money amount) in amendment.Differences)
                {
                    Add(
                        $"{document}:{charge}",
                        $"of it by amended return {amendment.Number}, {amount.Currency} ({charge})",
                        $"из суммы по дополнительной отчётности {amendment.Number}, {amount.Currency} ({charge})",
                        amount.Amount);
                }

                Add(
                    document,
                    $"Amended return {amendment.Number} filed",
                    $"Дополнительная отчётность {amendment.Number} представлена",
                    $"{amendment.Closing!.By}, {amendment.Closing.At}");
            }
        }
    }
}
