namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>The errors that callers are told.</summary>
internal static class Faults
{
    private const string Request = "invalid_request_error";
    private const string Server = "server_error";

    /// <summary>A field has a value that it cannot have.</summary>
    public static ApiException Invalid(string param, string message, string code = "invalid_value") =>
        new(400, new ApiError(message, Request, param, code));

    /// <summary>A field, or a value of it, is OpenAI's and is not done here.</summary>
    public static ApiException Unsupported(string param, string message, string code = "unsupported_value") => Invalid(param, message, code);

    /// <summary>A field that must be there is not.</summary>
    public static ApiException Missing(string param) => Invalid(param, $"'{param}' is missing.", "missing_required_parameter");

    /// <summary>The body cannot be read.</summary>
    public static ApiException Unreadable(string message, int status = 400, string code = "invalid_json") =>
        new(status, new ApiError(message, Request, null, code));

    public static ApiException NoKey() => new(401, new ApiError(
        "An API key is needed: send it in the header 'Authorization: Bearer KEY'.", Request, null, "invalid_api_key"));

    public static ApiException WrongKey() => new(401, new ApiError("The API key is not right.", Request, null, "invalid_api_key"));

    public static ApiException NotLocal() => new(403, new ApiError(
        "This server has no API key, so it answers only callers of its own machine that call it by a name of that (localhost).",
        Request, null, "api_key_required"));

    public static ApiException NoModel(string name, IEnumerable<string> names) => new(404, new ApiError(
        $"The model '{Shortened(name)}' does not exist. There is: {string.Join(", ", names.Select(known => $"'{known}'"))}.",
        Request, "model", "model_not_found"));

    public static ApiException NoSuchAddress(string method, string path) => new(404, new ApiError(
        $"There is nothing at {method} {Shortened(path)}.", Request, null, "unknown_url"));

    public static ApiException WrongMethod(string method, string path, string right) => new(405, new ApiError(
        $"{path} is not for {method}, but for {right}.", Request, null, "method_not_supported"));

    public static ApiException TooMany() => new(429, new ApiError(
        "The model has as many requests as it takes: try again later.", "rate_limit_error", null, "rate_limit_exceeded"))
    {
        RetryAfter = 1,
    };

    public static ApiException TimedOut(TimeSpan limit) => new(504, new ApiError(
        $"The answer took longer than the {limit.TotalSeconds:0.###} seconds that a request may take here.", Server, null, "timeout"))
    {
        IsFinal = true,
    };

    public static ApiException Stopping() => new(503, new ApiError("The server is being stopped.", Server, null, "server_stopping"))
    {
        RetryAfter = 5,
    };

    public static ApiException ModelGone() => new(503, new ApiError("The model is no longer served.", Server, "model", "model_stopped"));

    /// <summary>The model itself is at fault.</summary>
    public static ApiException ModelFails(string message) => new(500, new ApiError(message, Server, "model", "model_failed"))
    {
        IsFinal = true,
    };

    public static ApiException Internal() => new(500, new ApiError(
        "The server failed at this request. Its log says why.", Server, null, "internal_error"))
    {
        IsFinal = true,
    };

    /// <summary>A text of the caller's, in a length that fits a message.</summary>
    public static string Shortened(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "...");
}
