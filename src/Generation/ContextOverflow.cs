namespace MiniMind.MLNet.Dpo;

/// <summary>What happens to a conversation that is longer than the model's context.</summary>
public enum ContextOverflow
{
    /// <summary>It is refused with an <see cref="ArgumentException"/> that says how long it is.</summary>
    Refuse,

    /// <summary>
    /// Its oldest turns are left out, as few as will do: whole turns only, from a user's message up to the next one's; system messages and the last turn stay.
    /// The answer gets room for <see cref="GenerationOptions.MaxNewTokens"/> tokens, or a quarter of the context if that is less.
    /// How many were left out stands in the response's <c>AdditionalProperties</c> under <see cref="GenerationOptions.DroppedTurnsProperty"/>.
    /// </summary>
    DropOldestTurns,
}
