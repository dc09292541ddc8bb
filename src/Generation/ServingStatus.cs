namespace MiniMind.MLNet.Dpo;

/// <summary>What a chat client's model does now, and has done; <c>client.GetService(typeof(ServingStatus))</c> gives it as it is then.</summary>
public sealed record ServingStatus
{
    /// <summary>Requests that have a place, and are decoded together.</summary>
    public required int Decoding { get; init; }

    /// <summary>Requests that wait for a place.</summary>
    public required int Waiting { get; init; }

    /// <summary>Bytes of keys and values that are kept of conversations that have ended or rest, as <see cref="ServingOptions.KeptMegabytes"/> counts
    /// them.</summary>
    public required long KeptBytes { get; init; }

    /// <summary>Passes of the model so far.</summary>
    public required long Passes { get; init; }

    /// <summary>Tokens that these have read, of prompts and answers.</summary>
    public required long ReadTokens { get; init; }

    /// <summary>Tokens of prompts that were not read, since another conversation began with them.</summary>
    public required long ReusedTokens { get; init; }
}
