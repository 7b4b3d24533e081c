using FleetMonitor.Ledger;
using Microsoft.AspNetCore.Diagnostics;

namespace FleetMonitor.Service.Http;

/// <summary>What a caller is told when the service cannot answer: that it is busy or stopping, or that it failed; never its insides.</summary>
internal sealed class FailureAnswers(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext http, Exception exception, CancellationToken cancellation)
    {
        (int status, string? detail) = exception switch
        {
            PipelineAwayException => (StatusCodes.Status503ServiceUnavailable, exception.Message),
            LedgerException => (StatusCodes.Status503ServiceUnavailable, "The ledger cannot be read now; the service's log says why."),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            _ => (StatusCodes.Status500InternalServerError, (string?)"This is a fault of the service; its log says more."),
        };
        http.Response.StatusCode = status;
        return problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = { Status = status, Detail = detail },
        });
    }
}
