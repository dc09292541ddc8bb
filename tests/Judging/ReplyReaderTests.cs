using MiniMind.MLNet.Dpo.Judging;

namespace MiniMind.MLNet.Dpo.Tests.Judging;

public sealed class ReplyReaderTests
{
    [Theory]
    [InlineData("A")]
    [InlineData(" a.\n")]
    [InlineData("**A**")]
    [InlineData("(A)")]
    [InlineData("\"A\"")]
    [InlineData("Answer A")]
    [InlineData("Answer: A")]
    [InlineData("The better answer is A.")]
    [InlineData("Answer A is the better one.")]
    [InlineData("Verdict: **A**")]
    [InlineData("{\"better\": \"A\"}")]
    [InlineData("```json\n{\"better\":\"A\"}\n```")]
    [InlineData("<think>B is short. B? No.</think>\nA")]
    [InlineData("B is short. B? No.</think>A")]
    public void Read_Letter_IsTheFirst(string reply) => ReplyReader.Read(reply).Should().Be(ShownAnswer.First);

    [Theory]
    [InlineData("")]
    [InlineData("A or B")]
    [InlineData("AB")]
    [InlineData("Neither A")]
    [InlineData("A good answer would be shorter.")]
    [InlineData("C")]
    [InlineData("Tie")]
    [InlineData("not B")]
    [InlineData("<think>A</think>")]
    [InlineData("<think>A")]
    [InlineData("A</think>B or A")]
    [InlineData("{\"better\": \"A\", \"better\": \"B\"}")]
    [InlineData("{\"better\": \"A\", \"worse\": \"B\"}")]
    [InlineData("{\"better\": [\"A\"]}")]
    [InlineData("{\"better\": \"A\"")]
    [InlineData("{\"answer\": \"A\"}")]
    [InlineData("А")] // a Cyrillic letter
    public void Read_AnythingElse_IsNone(string reply) => ReplyReader.Read(reply).Should().Be(ShownAnswer.None);

    [Fact]
    public void Read_LongReply_TakesNoLongTime()
    {
        DateTime start = DateTime.UtcNow;
        ReplyReader.Read(new string('*', 1_000_000)).Should().Be(ShownAnswer.None);
        ReplyReader.Read(new string(' ', 1_000_000) + "A").Should().Be(ShownAnswer.First);
        ReplyReader.Read(string.Concat(Enumerable.Repeat("<think>", 100_000))).Should().Be(ShownAnswer.None);
        (DateTime.UtcNow - start).Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Read_OtherLetter_IsTheSecond() => ReplyReader.Read("b").Should().Be(ShownAnswer.Second);

    [Fact]
    public void Fault_LongReply_IsCut() =>
        ReplyReader.Fault(new string('x', 100), isCut: true).Should()
            .Be($"the reply is no letter A or B, and cut off at its most tokens: '{new string('x', 60)}...'");
}
