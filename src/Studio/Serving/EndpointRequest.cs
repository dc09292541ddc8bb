using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>A request that is being answered.</summary>
/// <param name="Context">Its context.</param>
/// <param name="Log">Where to log.</param>
/// <param name="Cancellation">Ends it.</param>
internal readonly record struct EndpointRequest(HttpContext Context, ILogger Log, CancellationToken Cancellation);
