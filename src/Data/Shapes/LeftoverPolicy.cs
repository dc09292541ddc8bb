namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>How much a row may hold beside what was read of it.</summary>
internal enum LeftoverPolicy
{
    /// <summary>Bare answers are to be divided: nothing else may be a text that could be their prompt.</summary>
    Bare,

    /// <summary>The fields were recognised by their names: what may be part of the conversation must have been read.</summary>
    Recognised,

    /// <summary>As <see cref="Recognised"/>, of a row with one answer: nobody compares answers, so that an explanation may be a part of it.</summary>
    OneAnswer,

    /// <summary>The options name the fields: only what is named as part of a conversation must have been read.</summary>
    Mapped,
}
