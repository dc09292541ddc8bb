using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class JsonlFileOptionsTests
{
    [Fact]
    public void Validate_Defaults_Pass()
    {
        new PreferenceFileOptions().Invoking(options => options.Validate()).Should().NotThrow();
        new ConversationFileOptions().Invoking(options => options.Validate()).Should().NotThrow();
    }

    [Fact]
    public void Validate_SeveralFaults_AreReportedAtOnce()
    {
        PreferenceFileOptions options = new()
        {
            BadRows = (BadRowPolicy)7, MaxLineBytes = 10, RejectedColumnName = "Chosen", FileColumnName = " ",
            ExtraColumns = ["id", "id"]
        };
        options.Invoking(o => o.Validate()).Should().Throw<ArgumentException>().WithMessage(
            "PreferenceFileOptions: BadRows is 7; it can be Fail or Skip; MaxLineBytes is 10; it must be from 1024 to 1073741824; a column name is empty; " +
                "every column needs a name; "
            + "the column name 'Chosen' is used 2 times; every column needs its own; the column name 'id' is used 2 times; every column needs its own.");
    }

    [Fact]
    public void Validate_ConversationNamedAsTheLineNumber_IsRefused() =>
        new ConversationFileOptions { ConversationColumnName = "LineNumber" }.Invoking(o => o.Validate()).Should().Throw<ArgumentException>()
            .WithMessage("*'LineNumber' is used 2 times*");
}
