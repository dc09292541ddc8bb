using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>What went wrong, in OpenAI's form.</summary>
/// <param name="Message">For a person.</param>
/// <param name="Type">Whose fault it is: <c>invalid_request_error</c>, <c>rate_limit_error</c>, <c>server_error</c>.</param>
/// <param name="Param">The field of the request; <see langword="null"/> where it is none in particular.</param>
/// <param name="Code">For a program.</param>
internal sealed record ApiError(
    string Message, string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
