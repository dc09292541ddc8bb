namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>Ends a request with an error that its caller is told.</summary>
/// <param name="status">The status of HTTP.</param>
/// <param name="error">What the caller is told.</param>
internal sealed class ApiException(int status, ApiError error) : Exception(error.Message)
{
    public int Status => status;

    public ApiError Error => error;

    /// <summary>When to ask again, in seconds; <see langword="null"/> where nothing is said.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Whether official clients are told not to try the same again by themselves.</summary>
    public bool IsFinal { get; init; }
}
