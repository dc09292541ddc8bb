namespace MiniMind.MLNet.Dpo.Tokenization.Decoding;

/// <summary>One step of the decoder that changes single tokens. Thread-safe.</summary>
internal interface ITokenStep
{
    /// <summary>The token's text after the step.</summary>
    /// <param name="token">Its text before.</param>
    /// <param name="isFirst">Whether it is the first of a text.</param>
    string Apply(string token, bool isFirst);
}
